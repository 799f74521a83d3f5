/**
 * The calls of a policy together: from what single numbers mean to one diagram of all architectures.
 * @module
 */
import { type ArchName, architectures, X32_SYSCALL_BIT } from '../abi/architectures.ts';
import { stubWord } from '../policy/answered-by-stub.ts';
import { type ArchPolicy, type ArchRule, rulesByNumber } from '../policy/expand-policy.ts';
import type { EnosysSection, Policy } from '../policy/policy.ts';
import { addRun, fromRuns, type Runs } from './condition-diagrams.ts';
import { FIELD_ARCH, FIELD_NR } from './diagram-variables.ts';
import { FALSE, type Node, type Space, wordLeaf } from './space.ts';

const LAST = 0xffff_ffff;

/** By architecture of the policy: what the numbers mean for which the first rule has comparisons. */
export type DecidedNumbers = ReadonlyMap<ArchName, ReadonlyMap<number, Node>>;

/** Whether bit 30 of a number tells x32 from x86_64. gVisor does not look. */
export function tellsX32Apart({ runtime }: Policy): boolean {
  return runtime.traits.sentry === undefined;
}

/** Joins the numbers of all architectures to one diagram. */
export function joinNumbers(
  space: Space,
  policy: Policy,
  expanded: readonly ArchPolicy[],
  decided: DecidedNumbers,
): Node {
  const badArch = wordLeaf(space, policy.badArchAction);
  const byAuditArch = new Map<number, Map<ArchName, Runs>>();
  for (const each of expanded) {
    const { auditArch } = architectures[each.arch];
    const parts = byAuditArch.get(auditArch) ?? new Map<ArchName, Runs>();
    byAuditArch.set(auditArch, parts);
    parts.set(each.arch, numberRuns(space, policy, each, decided));
  }
  const runs = new Map(
    [...byAuditArch].map(([auditArch, parts]) => [
      auditArch,
      joinParts(parts, badArch, tellsX32Apart(policy)),
    ]),
  );
  for (const section of policy.enosysStub ?? []) {
    const filter = runs.get(section.auditArch) ?? { ends: [LAST], nodes: [badArch] };
    runs.set(section.auditArch, behindStub(filter, section, wordLeaf(space, stubWord(policy))));
  }
  const nodes = new Map([...runs].map(([auditArch, each]) => [auditArch, fromRuns(space, FIELD_NR, each)]));
  return fromRuns(
    space,
    FIELD_ARCH,
    runsOfPoints(nodes.keys(), (auditArch) => nodes.get(auditArch) ?? badArch, badArch),
  );
}

/** All numbers of one architecture, split where rules name them. */
function numberRuns(
  space: Space,
  policy: Policy,
  { arch, rules }: ArchPolicy,
  decided: DecidedNumbers,
): Runs {
  const groups = rulesByNumber(rules);
  const nodes = decided.get(arch);
  const nodeAt = (nr: number): Node => nodes?.get(nr) ?? plainNode(space, policy, groups.get(nr));
  return runsOfPoints(groups.keys(), nodeAt, wordLeaf(space, policy.defaultAction));
}

/** If the first rule has no comparisons, it decides for every runtime. Most calls have no other rule. */
export function plainNode(
  space: Space,
  { defaultAction }: Policy,
  rules: readonly ArchRule[] | undefined,
): Node {
  return wordLeaf(space, rules?.[0]?.returnWord ?? defaultAction);
}

/** Values as runs: single points with their nodes, and `between` for all others. */
export function runsOfPoints(points: Iterable<number>, nodeAt: (point: number) => Node, between: Node): Runs {
  const runs: Runs = { ends: [], nodes: [] };
  let next = 0;
  // Typed arrays sort numbers without a call for each pair.
  const ascending = new Float64Array([...points]).sort();
  for (let at = 0; at < ascending.length; at += 1) {
    const value = ascending[at] ?? 0;
    if (value > next) addRun(runs, value - 1, between);
    addRun(runs, value, nodeAt(value));
    next = value + 1;
  }
  if (next <= LAST) addRun(runs, LAST, between);
  return runs;
}

/** The numbers of one audit architecture: of x86_64 below bit 30, of x32 from there on. */
function joinParts(parts: ReadonlyMap<ArchName, Runs>, badArch: Node, isSplit: boolean): Runs {
  const x32 = parts.get('x32');
  const x86 = parts.get('x86_64');
  const [only] = parts.values();
  if (only !== undefined && (!isSplit || (x32 === undefined && x86 === undefined))) return only;
  const low = x86 ?? { ends: [LAST], nodes: [badArch] };
  const runs: Runs = { ends: [], nodes: [] };
  addClipped(runs, low, 0, X32_SYSCALL_BIT - 1);
  if (x32 !== undefined) addClipped(runs, x32, X32_SYSCALL_BIT, LAST);
  else {
    // libseccomp counts -1 as a number of x86_64. No call has it; tracers use it to skip a call.
    addRun(runs, LAST - 1, badArch);
    addClipped(runs, low, LAST, LAST);
  }
  return runs;
}

/** Adds the values `from` to `to`; all below `from` are there. */
function addClipped(runs: Runs, { ends, nodes }: Runs, from: number, to: number): void {
  let at = 0;
  for (let last = ends.length - 1; at < last; ) {
    const middle = (at + last) >>> 1;
    if ((ends[middle] ?? LAST) < from) at = middle + 1;
    else last = middle;
  }
  for (; at < ends.length; at += 1) {
    const end = ends[at] ?? LAST;
    addRun(runs, Math.min(end, to), nodes[at] ?? FALSE);
    if (end >= to) return;
  }
}

/** What runc's stub leaves to the filter behind it. */
function behindStub(filter: Runs, { limits }: EnosysSection, answer: Node): Runs {
  return limits.reduce((behind, limit) => {
    const runs: Runs = { ends: [], nodes: [] };
    let next = 0;
    for (const { from, to } of answeredNumbers(limit)) {
      if (from > next) addClipped(runs, behind, next, from - 1);
      addRun(runs, to, answer);
      next = to + 1;
    }
    if (next <= LAST) addClipped(runs, behind, next, LAST);
    return runs;
  }, filter);
}

interface Range {
  readonly from: number;
  readonly to: number;
}

const S390_SETUP = 0;

/** Which numbers runc's stub answers, ascending: ranges that are not empty. */
function answeredNumbers(limit: EnosysSection['limits'][number]): readonly Range[] {
  return numbersAbove(limit).filter(({ from, to }) => from <= to);
}

function numbersAbove({ arch, maxNr }: EnosysSection['limits'][number]): readonly Range[] {
  const above: Range = { from: maxNr + 1, to: LAST };
  if (arch === 's390' || arch === 's390x') {
    return [
      { from: S390_SETUP, to: S390_SETUP },
      { from: Math.max(above.from, S390_SETUP + 1), to: LAST },
    ];
  }
  if (arch !== 'x86_64' && arch !== 'x32') return [above];
  // Bit 30 decides, whatever bit 31 says.
  return (arch === 'x32' ? [1, 3] : [0, 2]).map((block) => ({
    from: Math.max(above.from, block * X32_SYSCALL_BIT),
    to: (block + 1) * X32_SYSCALL_BIT - 1,
  }));
}
