/**
 * Calls to make in a kernel under a policy's program, and what its rules say of them in words.
 * @module
 */
import { X32_SYSCALL_BIT } from '../../../src/abi/architectures.ts';
import { formatCall } from '../../../src/decision/format-call.ts';
import { namedCalls, readRules } from '../../compile/builtin/rules-in-words.ts';
import type { Expanded } from '../../compile/builtin/support.ts';
import type { Random } from '../../decision/random.ts';
import { evaluatePolicy } from '../../decision/small-policies.ts';
import type { WordCall } from '../../decision/word-calls.ts';

/** What the kernel does with a word under a filter that traces: what is allowed, logged or asked for ends in ENOSYS. */
function effectOf(word: number): string {
  const data = word & 0xffff;
  switch ((word & 0xffff_0000) >>> 0) {
    case 0x8000_0000:
      return 'kill-process';
    case 0:
      return 'kill-thread';
    case 0x0003_0000:
      return `trap ${data}`;
    case 0x0005_0000:
      return data === 0 ? 'return 0' : `errno ${Math.min(data, 4095)}`;
    default:
      return 'errno 38';
  }
}

/**
 * Numbers of architectures, and those that the rules name with arguments at their borders.
 *
 * @param auditArches - of the calls that can be made; one that stands there twice is made twice as often
 */
export function callsOf(
  random: Random,
  work: Expanded,
  count: number,
  auditArches: readonly number[],
): readonly WordCall['data'][] {
  const named = namedCalls(random, readRules(work.policy), count).map(({ data }) => data);
  const any = Array.from({ length: count }, (): WordCall['data'] => ({
    nr: random.below(480) + (random.chance(0.2) ? X32_SYSCALL_BIT : 0),
    arch: random.pick(auditArches),
    instructionPointer: 0n,
    args: Array.from({ length: 6 }, () => BigInt(random.word())),
  }));
  return [...named, ...any].filter(({ nr, arch }) => nr >= 0 && auditArches.includes(arch));
}

/**
 * Calls that the kernel decides in another way than the words of the profile.
 *
 * @param seen - what it did with each call
 */
export function disagreements(
  work: Expanded,
  calls: readonly WordCall['data'][],
  seen: readonly string[],
): readonly string[] {
  const rules = { policy: work.policy, expanded: readRules(work.policy) };
  return calls.flatMap((call, at) => {
    const said = evaluatePolicy(rules, call)
      .split(' or ')
      .map((word) => effectOf(Number(word)));
    return said.includes(seen[at] ?? 'nothing')
      ? []
      : [`${formatCall(call)}: says ${said.join(' or ')}, does ${seen[at]}`];
  });
}
