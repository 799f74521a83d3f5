/**
 * Which calls of the catalog of dangers get through, for which arguments.
 * @module
 */
import { namedValue } from '../../abi/argument-fields.ts';
import { cloneFlagsIndex } from '../../abi/clone-arguments.ts';
import { listWords } from '../../abi/list-words.ts';
import { testComparison } from '../../decision/condition-diagrams.ts';
import { and, FALSE, type Node } from '../../decision/space.ts';
import { type DangerousCall, dangerousCalls } from '../catalog/danger.ts';
import type { LintContext } from '../engine/rule-context.ts';
import { type CallOpenness, callOpennessOf, opensByDefault, rulesNaming } from './call-openness.ts';
import type { HostView } from './host-view.ts';
import { listNames } from './list-names.ts';
import { conditionalCalls } from './named-calls.ts';

/** `bpf`, `socket with AF_ALG and AF_VSOCK` */
export function nameOf(syscall: string, dangers: readonly DangerousCall[]): string {
  const values = valuesOf(dangers);
  return values.length === 0 ? syscall : `${syscall} with ${listWords(values)}`;
}

/** The names of the values that are dangerous; none if every call is. */
export function valuesOf(dangers: readonly DangerousCall[]): readonly string[] {
  return dangers.flatMap(({ value }) => value?.name ?? []);
}

/** A dangerous call that gets through. */
export interface OpenDanger {
  readonly danger: DangerousCall;
  readonly asked: CallOpenness;
  /** The arguments for which it is dangerous and open. */
  readonly condition: Node;
}

/** Looks a row of the catalog up on every architecture of the filter; `undefined` if none lets it through. */
export function findOpen(view: HostView, syscall: string, danger: DangerousCall): OpenDanger | undefined {
  for (const { arch } of view.expanded) {
    const asked = callOpennessOf(view, arch, syscall);
    if (asked === undefined) continue;
    if (danger.value === undefined) {
      if (asked.openness === 'open') return { danger, asked, condition: asked.open };
      continue;
    }
    if (asked.openness === 'closed') continue;
    if (danger.whenFiltered === true && !isFiltered(view, asked, danger.value.index)) continue;
    const condition = dangerousValues(view, asked, danger.value);
    if (condition === FALSE) continue;
    return { danger, asked, condition };
  }
  return undefined;
}

/** The arguments that are open and hold the value, other bits that the kernel ignores being 0. */
function dangerousValues(
  view: HostView,
  asked: CallOpenness,
  named: NonNullable<DangerousCall['value']>,
): Node {
  const found = numberOf(asked, named);
  if (found === undefined) return FALSE;
  const { index, isEnum, value } = found;
  const test = { index, op: isEnum ? 'eq' : 'maskedEq', value, valueTwo: value } as const;
  return and(view.space, asked.open, testComparison(view.space, test, 64));
}

/** Which argument of a call has a named value there, and which number that is. */
function numberOf(
  { syscall, arch }: Pick<CallOpenness, 'syscall' | 'arch'>,
  { index, name }: NonNullable<DangerousCall['value']>,
) {
  const at = syscall === 'clone' ? cloneFlagsIndex(arch) : index;
  const named = namedValue(name, { syscall, index: at, arch });
  return named && { index: at, isEnum: named.kind === 'enum', value: named.value };
}

/** How to let a call through without its dangerous values, in a profile that denies by default. */
export function withoutValues(dangers: readonly OpenDanger[]): string {
  const found = dangers.flatMap(({ danger, asked }) => (danger.value && numberOf(asked, danger.value)) ?? []);
  const [first] = found;
  if (first === undefined) return '';
  const [value, valueTwo] = first.isEnum
    ? ['4294967295', 'VALUE']
    : [found.reduce((mask, each) => mask | each.value, 0n), 0];
  const what = first.isEnum ? 'each value that it needs in a rule of its own' : 'the rest';
  return `allow ${what}, argument ${first.index} with "op": "SCMP_CMP_MASKED_EQ", "value": ${value}, "valueTwo": ${valueTwo}`;
}

function isFiltered(view: HostView, { arch, nr }: CallOpenness, index: number): boolean {
  const call = conditionalCalls(view).find((each) => each.arch === arch && each.nr === nr);
  return call?.rules.some(({ comparisons }) => comparisons.some((each) => each.index === index)) === true;
}

/** The dangerous calls that only the default action lets through. */
export function dangersByDefault(context: LintContext, view: HostView): readonly string[] {
  if (!opensByDefault(view)) return [];
  const isOpen = (syscall: string, danger: DangerousCall): boolean =>
    findOpen(view, syscall, danger) !== undefined && isByDefault(context, view, syscall);
  const names = dangerousCalls.flatMap((danger) =>
    danger.calls
      .split(' ')
      .filter((syscall) => isOpen(syscall, danger))
      .map((syscall) => nameOf(syscall, [danger])),
  );
  return [...new Set(names)];
}

/** Whether a call that gets through has no rule that opens it. */
export function isByDefault(context: LintContext, view: HostView, syscall: string): boolean {
  return opensByDefault(view) && rulesNaming(context, view, syscall).every(({ opens }) => !opens);
}

/** How many names of dangerous calls a text lists. */
const MOST_NAMES = 8;

/** `2 dangerous calls through that no rule denies: bpf and ptrace`, after "lets". */
export function listDangers(names: readonly string[]): string {
  const calls = `${names.length} dangerous ${names.length === 1 ? 'call' : 'calls'}`;
  const whole = names.length > MOST_NAMES ? ' (oci-seccomp report shows all)' : '';
  return `${calls} through that no rule denies: ${listNames(names, MOST_NAMES)}${whole}`;
}
