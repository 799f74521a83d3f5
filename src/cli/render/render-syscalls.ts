/**
 * Names and numbers of system calls as text.
 * @module
 */
import { allArchitectures } from '../../abi/architectures.ts';
import type { EnteredCall } from '../../compose/dated/entered-calls.ts';
import type { IntroducedCall } from '../answers/calls-since.ts';
import type { SyscallRow } from '../answers/look-up-syscalls.ts';
import { CALL_NUMBER } from '../operands/unknown-call.ts';

/** For one architecture a line `number  name`, for several a table. */
export function renderAnswer(asked: string, entries: readonly SyscallRow[]): string {
  const [only] = entries;
  if (entries.length === 1 && only !== undefined) return renderLine(only, asked);
  const width = Math.max(...entries.map(({ arch }) => arch.length));
  const isNumber = CALL_NUMBER.test(asked);
  const rows = entries.map((entry) => {
    const text = isNumber ? (entry.name ?? '-') : describe(entry);
    return `  ${entry.arch.padEnd(width)}  ${text}\n`;
  });
  return `${asked}\n${rows.join('')}`;
}

function renderLine(entry: SyscallRow, asked: string): string {
  if (CALL_NUMBER.test(asked)) return `${asked.padStart(WIDTH)}  ${entry.name ?? `not on ${entry.arch}`}\n`;
  const { nr, through, arch } = entry;
  const note = through === null ? `not on ${arch}` : `${nr === null ? '' : 'also '}through ${through}`;
  const remark = nr === null || through !== null ? `  (${note})` : '';
  return `${String(nr ?? '-').padStart(WIDTH)}  ${asked}${remark}\n`;
}

/** Room for the longest number, x32's with bit 30. */
const WIDTH = 10;

function describe({ nr, through, arch }: SyscallRow): string {
  if (nr === null) return through === null ? `not on ${arch}` : `through ${through}`;
  return through === null ? String(nr) : `${nr}, also through ${through}`;
}

/** A line a call. */
export function renderSyscallList(entries: readonly SyscallRow[]): string {
  return entries.map((entry) => renderLine(entry, entry.name ?? '')).join('');
}

/** A wide table, tab-separated, for spreadsheets and scripts. */
export function renderSyscallTable(
  rows: readonly { readonly name: string; readonly entries: readonly SyscallRow[] }[],
): string {
  const cells = ({ nr, through }: SyscallRow): string => String(nr ?? through ?? '-');
  const head = ['name', ...allArchitectures.map(({ name }) => name)].join('\t');
  return [head, ...rows.map(({ name, entries }) => [name, ...entries.map(cells)].join('\t'))]
    .map((line) => `${line}\n`)
    .join('');
}

/** A line a call: its name, the release and its month. */
export function renderEntered(entered: readonly EnteredCall[]): string {
  const [names, releases] = [entered.map(({ name }) => name), entered.map(({ release }) => release)].map(
    (texts) => Math.max(0, ...texts.map(({ length }) => length)),
  );
  return entered
    .map(({ name, release, date, gone }) => {
      const remark = gone ? '  (no longer in the newest)' : '';
      return `${name.padEnd(names ?? 0)}  ${release.padEnd(releases ?? 0)}  ${date.slice(0, 7)}${remark}\n`;
    })
    .join('');
}

/** A call of more architectures than these is common, so they are not named. */
const FEW_ARCHITECTURES = 4;

/** A line a call: its name, the kernel, and the architectures if only a few have it. */
export function renderIntroduced(introduced: readonly IntroducedCall[]): string {
  const width = Math.max(0, ...introduced.map(({ name }) => name.length));
  return introduced
    .map(({ name, kernel, architectures }) => {
      const isRare = architectures.length > 0 && architectures.length <= FEW_ARCHITECTURES;
      return `${name.padEnd(width)}  ${kernel}${isRare ? `  (only ${architectures.join(', ')})` : ''}\n`;
    })
    .join('');
}
