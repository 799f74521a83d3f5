/**
 * The policies of seccompiler's own tests and README: read, compiled here, and compared with what seccompiler makes of them.
 *
 * Needs a clone of https://github.com/rust-vmm/seccompiler as `seccompiler` in OCI_SECCOMP_REPOSITORIES or .cache/repositories.
 * With OCI_SECCOMP_SECCOMPILER, a program that hands its standard input to `compile_from_json` and writes the instructions as they
 * are in memory, seccompiler's own programs are compared too; bench/peers.ts takes the same program.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { actions } from '../../../src/abi/actions.ts';
import { type Comparison, type Operator, U64_MAX } from '../../../src/abi/operators.ts';
import { directSyscallNumber } from '../../../src/abi/syscall-numbers.ts';
import { decodeProgram } from '../../../src/bpf/program.ts';
import { findProgramProblems } from '../../../src/bpf/program-problems.ts';
import { synthesizeProgram } from '../../../src/compile/builtin/synthesize.ts';
import { addRun, fromRuns, type Runs, testComparison } from '../../../src/decision/condition-diagrams.ts';
import { decideProgram } from '../../../src/decision/decide-program.ts';
import { FIELD_ARCH, FIELD_NR } from '../../../src/decision/diagram-variables.ts';
import {
  and,
  createSpace,
  FALSE,
  ifThenElse,
  type Node,
  type Space,
  TRUE,
  wordLeaf,
} from '../../../src/decision/space.ts';
import { projectRoot } from '../../../tools/debian-cache.ts';
import { shapeFaults } from './program-shape.ts';

const clone = join(
  process.env.OCI_SECCOMP_REPOSITORIES ?? join(projectRoot(), '.cache/repositories'),
  'seccompiler',
);
const theirs = process.env.OCI_SECCOMP_SECCOMPILER;

type WrittenAction = string | { readonly errno: number };

interface WrittenFilter {
  readonly mismatch_action: WrittenAction;
  readonly match_action: WrittenAction;
  readonly filter: readonly {
    readonly syscall: string;
    readonly args?: readonly {
      readonly index: number;
      readonly type: 'dword' | 'qword';
      readonly op: string | { readonly masked_eq: number };
      readonly val: number;
    }[];
  }[];
}

/** docs/json_format.md of seccompiler: each filter of each object that its tests and its README give it, and are not to fail. */
function policies(): readonly (readonly [name: string, filter: WrittenFilter])[] {
  return ['tests/json.rs', 'src/frontend/json.rs', 'README.md'].flatMap((file) => {
    const text = execFileSync('git', ['-C', clone, 'show', `HEAD:${file}`], { encoding: 'utf8' });
    return [...text.matchAll(/r#"(.*?)"#|```json(.*?)```/gs)].flatMap(([, inRust, inPage], at) => {
      const parsed = JSON.parse(inRust ?? inPage ?? '') as Readonly<Record<string, WrittenFilter>>;
      return Object.entries(parsed)
        .filter(([, filter]) => isWhole(filter))
        .map(([thread, filter]) => [`${file} ${at}, ${thread}`, filter] as const);
    });
  });
}

/** What its tests give it to be refused lacks a part, or has a call, an action, an operator or an argument that does not exist. */
function isWhole(filter: WrittenFilter): boolean {
  try {
    meaningOf(createSpace(), filter);
    return (
      hasKnownParts(filter) &&
      (filter.filter.length === 0 ||
        JSON.stringify(filter.match_action) !== JSON.stringify(filter.mismatch_action))
    );
  } catch {
    return false;
  }
}

const knownParts = {
  filter: ['mismatch_action', 'match_action', 'filter'],
  rule: ['syscall', 'args', 'comment'],
  argument: ['index', 'type', 'op', 'val', 'comment'],
};

function hasKnownParts(filter: WrittenFilter): boolean {
  const rules = filter.filter;
  const objects = [
    [[filter], knownParts.filter],
    [rules, knownParts.rule],
    [rules.flatMap(({ args = [] }) => args), knownParts.argument],
  ] as const;
  return objects.every(([list, known]) =>
    list.every((each) =>
      Object.entries(each).every(
        ([key, value]) => known.includes(key) && (key !== 'comment' || typeof value === 'string'),
      ),
    ),
  );
}

const simpleActions: ReadonlyMap<string, number> = new Map([
  ['allow', actions.allow.word],
  ['kill_process', actions.killProcess.word],
  ['kill_thread', actions.killThread.word],
  ['log', actions.log.word],
  ['trap', actions.trap.word],
]);

function wordOf(action: WrittenAction): number {
  if (typeof action === 'object') return actions.errno.word | action.errno;
  const word = simpleActions.get(action);
  if (word === undefined) throw new Error(`no action is called ${action}`);
  return word;
}

const simpleOperators: readonly Operator[] = ['eq', 'ge', 'gt', 'le', 'lt', 'ne'];
const X86_64 = 0xc000_003e;
const LAST = 0xffff_ffff;

function isValue(space: Space, field: typeof FIELD_ARCH | typeof FIELD_NR, value: number): Node {
  const runs: Runs = { ends: [], nodes: [] };
  if (value > 0) addRun(runs, value - 1, FALSE);
  addRun(runs, value, TRUE);
  addRun(runs, LAST, FALSE);
  return fromRuns(space, field, runs);
}

/** Each rule alone decides for its call; a comparison of a dword looks at the lower half of the argument. */
function meaningOf(space: Space, { filter, match_action, mismatch_action }: WrittenFilter): Node {
  const match = wordLeaf(space, wordOf(match_action));
  let node = wordLeaf(space, wordOf(mismatch_action));
  for (const { syscall, args = [] } of filter) {
    const nr = directSyscallNumber(syscall, 'x86_64');
    if (nr === undefined) throw new Error(`no call is named ${syscall}`);
    const condition = args.reduce(
      (all, { type, ...rest }) =>
        and(space, all, testComparison(space, comparisonOf(rest), type === 'dword' ? 32 : 64)),
      isValue(space, FIELD_NR, nr),
    );
    node = ifThenElse(space, condition, match, node);
  }
  return ifThenElse(
    space,
    isValue(space, FIELD_ARCH, X86_64),
    node,
    wordLeaf(space, actions.killProcess.word),
  );
}

function comparisonOf({
  index,
  op,
  val,
}: {
  index: number;
  op: string | { masked_eq: number };
  val: number;
}): Comparison {
  if (!(index >= 0 && index < 6)) throw new Error('no such argument');
  if (!Number.isSafeInteger(val) || val < 0) throw new Error('no such value');
  if (typeof op === 'object')
    return { index, op: 'maskedEq', value: BigInt(op.masked_eq) & U64_MAX, valueTwo: BigInt(val) };
  const known = simpleOperators.find((each) => each === op);
  if (known === undefined) throw new Error(`no operator is called ${op}`);
  return { index, op: known, value: BigInt(val), valueTwo: 0n };
}

const isHere = existsSync(clone);
const suffix = isHere ? '' : ' (needs a clone of seccompiler)';

describe.skipIf(!isHere)(`policies of seccompiler${suffix}`, () => {
  const found = isHere ? policies() : [];

  it('are found', () => {
    expect(found.length).toBeGreaterThanOrEqual(9);
  });

  it.each(found)('%s: compiled as they are meant', (_, filter) => {
    const space = createSpace();
    const meant = meaningOf(space, filter);
    const program = synthesizeProgram(space, meant, 'little');
    expect(shapeFaults(program)).toEqual([]);
    expect(findProgramProblems(program)).toEqual([]);
    expect(decideProgram(space, program, 'little')).toBe(meant);
  });

  it.skipIf(theirs === undefined).each(found)(
    '%s: mean what seccompiler makes of them, in no more instructions (needs OCI_SECCOMP_SECCOMPILER)',
    (_, filter) => {
      const { status, stdout, stderr } = spawnSync(theirs ?? '', { input: JSON.stringify({ main: filter }) });
      expect(status, `${stderr}`).toBe(0);
      const program = decodeProgram(stdout, 'little');
      const space = createSpace();
      const meant = meaningOf(space, filter);
      expect(decideProgram(space, program, 'little')).toBe(meant);
      expect(synthesizeProgram(space, meant, 'little').length).toBeLessThanOrEqual(program.length);
    },
  );
});
