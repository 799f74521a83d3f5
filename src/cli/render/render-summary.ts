/**
 * The report of `compile` in a few lines. With `verbose`, every step.
 * @module
 */
import { formatReturnWord } from '../../abi/return-word.ts';
import { fileWord, shellCommand } from '../../abi/shell-word.ts';
import { SOCK_FILTER_SIZE } from '../../bpf/program.ts';
import type { Claim } from '../../compile/claim.ts';
import { formatClaim, formatRules } from '../../compile/claim-text.ts';
import type { CompiledFilter } from '../../compile/compile-policy.ts';
import { OciSeccompError } from '../../errors.ts';
import { readerOf } from '../../oci/dialect-rows.ts';
import type { Host } from '../../oci/host.ts';
import type { Resolution } from '../../oci/resolve-profile.ts';
import type { LoadedProfile } from '../../pipeline/load-profile.ts';
import { displayName } from '../../pipeline/read-input.ts';
import { locateRule } from '../../pipeline/rule-places.ts';
import type { Lowered, LowerStep, LowerStepKind } from '../../policy/lower-profile.ts';
import { describeRuntime, type Runtime } from '../../policy/runtimes.ts';
import type { Lap } from '../clock.ts';
import { formatHost } from '../operands/host-options.ts';
import { plural, renderProblem } from './render-problems.ts';
import { visibleText } from './safe-text.ts';

interface Summary {
  readonly input: LoadedProfile;
  readonly host: Host;
  readonly runtime: Runtime;
  readonly resolution: Resolution;
  readonly lowered: Lowered;
  readonly compiled: CompiledFilter;
  readonly claim: Claim;
  readonly laps: readonly Lap[];
  readonly output: string;
  readonly verbose?: boolean;
  /** Warnings of render-proof.ts, if {@link hasDoubts}; else empty. */
  readonly doubts: string;
}

/** Whether render-proof.ts has a warning about the proof. */
export function hasDoubts({ proof }: CompiledFilter): boolean {
  return proof instanceof OciSeccompError || !proof.equal || proof.conflicts.length > 0;
}

export function renderSummary(summary: Summary): string {
  const { input, host, runtime, compiled, resolution, claim } = summary;
  const engine = resolution.engine === undefined ? '' : `, resolved as ${resolution.engine} does`;
  const lines = [
    `${input.name}: ${readerOf(input.profile)} profile for ${formatHost(host)}${engine}`,
    `  ${formatRules(claim)}`,
    ...nameLines(summary),
    `  ${sizeLine(summary)}`,
    `  ${formatClaim(claim)}`,
    `  ${describeRuntime(runtime)} filter by ${compiled.compiler}${hazardNote(compiled)}, ` +
      `written to ${summary.output === '-' ? 'standard output' : displayName(summary.output)} in ${totalTime(summary.laps).toFixed(0)} ms`,
  ];
  return `${lines.join('\n')}\n${summary.doubts}${renderWarnings(summary)}${summary.verbose === true ? renderSteps(summary) : ''}`;
}

/** What happened to names and rules on their way to libseccomp; a count follows. */
const happenings = {
  'unknown-syscall': { noun: 'name', words: 'skipped, unknown to this libseccomp' },
  'not-on-architecture': { noun: 'name', words: 'not on this architecture, only for the others' },
  'equals-default-action': { noun: 'rule', words: 'skipped, same as the default action' },
  'repeated-argument': {
    noun: 'rule',
    words: 'split, an argument is compared twice: any comparison suffices',
  },
  'comparisons-dropped': { noun: 'rule', words: 'cut to six comparisons' },
  'errno-ignored': { noun: 'rule', words: 'with an errno that has no effect' },
  'errno-truncated': { noun: 'rule', words: 'with an errno cut to 16 bits' },
  'mask-swapped': { noun: 'rule', words: 'with mask and value swapped by the runtime' },
} as const satisfies Partial<Record<LowerStepKind, { noun: string; words: string }>>;

function nameLines({ compiled, lowered: { policy, steps } }: Summary): readonly string[] {
  const count = policy.rules.length;
  const compiler = compiled.backend === 'builtin' ? 'the compiler' : 'libseccomp';
  const none = `nothing for ${compiler} to add: every call gets ${formatReturnWord(policy.defaultAction, policy.architectures[0])}`;
  return [
    `  ${count === 0 ? none : `${plural(count, 'rule')} for ${compiler}, one a name`}`,
    ...happeningLines(steps).map((line) => `    ${line}`),
  ];
}

/** A line for each kind of thing that happened. */
export function happeningLines(steps: readonly LowerStep[]): readonly string[] {
  return Object.entries(happenings).flatMap(([kind, { noun, words }]) => {
    const found = steps.filter((step) => step.kind === kind).length;
    return found > 0 ? [`${words}: ${plural(found, noun)}`] : [];
  });
}

function sizeLine({ compiled, lowered: { policy } }: Summary): string {
  const { length } = compiled.program;
  const stub = compiled.stubLength === 0 ? '' : `, ${compiled.stubLength} of them runc's ENOSYS stub`;
  const archs = policy.architectures.join(', ');
  return `${length} instructions (${length * SOCK_FILTER_SIZE} bytes)${stub}, for ${archs}`;
}

function totalTime(laps: readonly Lap[]): number {
  return laps.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
}

function renderLaps(laps: readonly Lap[]): string {
  const parts = laps.map(({ name, milliseconds }) => `${name} ${milliseconds.toFixed(1)}`);
  return `  time in ms: ${parts.join(', ')}\n`;
}

function hazardNote({ hazard }: CompiledFilter): string {
  return hazard === undefined ? '' : ` (in a child process: ${hazard})`;
}

function renderWarnings({ input, resolution, verbose }: Summary): string {
  const losses = resolution.steps.filter(({ severity }) => severity === 'warning');
  const lost = losses
    .map((step) => `warning: ${locate(input, step.rule)}${visibleText(step.message)}\n`)
    .join('');
  if (verbose === true) return lost + input.problems.map(renderProblem).join('');
  const count = input.problems.length;
  if (count === 0) return lost;
  return `${lost}${plural(count, 'warning')} about the profile itself: ${shellCommand(['oci-seccomp', 'validate', fileWord(input.operand)])}\n`;
}

function renderSteps({ input, resolution, lowered, laps }: Summary): string {
  const resolved = resolution.steps
    .filter(({ severity }) => severity === 'info')
    .map((step) => `  ${locate(input, step.rule)}${visibleText(step.message)}\n`);
  const steps = lowered.steps.map(
    (step) => `  ${locate(input, originOf(step, resolution))}${visibleText(step.message)}\n`,
  );
  return [...resolved, ...steps].join('') + renderLaps(laps);
}

function originOf({ rule }: LowerStep, { origins }: Resolution): number | undefined {
  return rule === undefined ? undefined : origins[rule];
}

/** `file:line:column: `, or nothing where there is no rule. */
function locate(input: LoadedProfile, index: number | undefined): string {
  const place = locateRule(input, index);
  return place === undefined ? '' : `${place}: `;
}
