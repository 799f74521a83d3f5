/**
 * A filter as a seccomp policy of LXC, version 2.
 *
 * Sources: what src/oci/foreign/read-lxc.ts cites.
 * @module
 */
import type { ReturnWord } from '../../abi/actions.ts';
import { EPERM } from '../../abi/errno-constants.ts';
import { type Comparison, operators } from '../../abi/operators.ts';
import { formatReturnWord } from '../../abi/return-word.ts';
import { besidesOfHost } from '../../oci/foreign/read-lxc.ts';
import { type ExpressibleFilter, type Inexpressible, isAction, type Written } from './expressible-filter.ts';

/** Writes a policy; where it cannot say the same, it is stricter, which `inexpressible` tells. */
export function writeLxc(subject: ExpressibleFilter): Written {
  const inexpressible: Inexpressible[] = [...architectureReasons(subject)];
  const { standard, standardPlace, rules } = subject;
  const byDefault = actionText(standard, { place: standardPlace, what: 'as the default' }, inexpressible);
  const style =
    byDefault === 'allow' ? 'denylist' : byDefault === 'kill' ? 'allowlist' : `allowlist ${byDefault}`;
  const lines = rules.flatMap(({ name, word, comparisons, place }) => {
    const action = actionText(word, { place, what: `for ${name}` }, inexpressible);
    if (action === byDefault) return [];
    return [`${name} ${action}${comparisons.length === 0 ? '' : ` ${comparisons.map(argText).join('')}`}`];
  });
  const text = ['2', style, '[all]', ...new Set(lines)].join('\n');
  return { text: `${text}\n`, inexpressible };
}

/** LXC gives all architectures of a host the same list. */
function architectureReasons({
  architectures: [native, ...others],
  host,
}: ExpressibleFilter): readonly Inexpressible[] {
  const missing = besidesOfHost(host.arch).filter((arch) => !others.includes(arch));
  if (missing.length === 0) return [];
  const message = `LXC lets programs of ${missing.join(' and ')} make the same calls as those of ${native}, and the profile kills them: list ${missing.length === 1 ? 'it' : 'them'} in the profile`;
  return [{ place: undefined, message, hasStricter: false }];
}

interface About {
  readonly place: Inexpressible['place'];
  readonly what: string;
}

function actionText(word: ReturnWord, { place, what }: About, found: Inexpressible[]): string {
  const message = `LXC has no action ${formatReturnWord(word)}, asked ${what}: it knows kill (the thread), errno, allow, trap and notify`;
  if (isAction(word, 'allow')) return 'allow';
  if (isAction(word, 'killThread')) return 'kill';
  if (isAction(word, 'trap')) return 'trap';
  if (isAction(word, 'notify')) return 'notify';
  if (isAction(word, 'errno')) return `errno ${word & 0xffff}`;
  if (isAction(word, 'killProcess')) {
    const less = `LXC has no action as strict as KILL_PROCESS, asked ${what}: its kill ends the thread alone, and others go on; ask for SCMP_ACT_KILL_THREAD or an errno if that is enough`;
    found.push({ place, message: less, hasStricter: false });
    return 'kill';
  }
  found.push({ place, message, hasStricter: true });
  return `errno ${EPERM}`;
}

function argText({ index, op, value, valueTwo }: Comparison): string {
  const symbol = operators[op].symbol;
  const hex = (number: bigint): string => (number < 10n ? String(number) : `0x${number.toString(16)}`);
  return op === 'maskedEq'
    ? // libseccomp drops bits outside the mask, and a reader takes them for a mask and a value that are swapped.
      `[${index},${hex(valueTwo & value)},&=,${hex(value)}]`
    : `[${index},${hex(value)},${symbol}]`;
}
