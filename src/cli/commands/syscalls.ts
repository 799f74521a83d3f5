/**
 * `oci-seccomp syscalls`: names to numbers and back, on one architecture or all.
 * @module
 */
import { type ArchName, allArchitectures } from '../../abi/architectures.ts';
import { allSyscallNames, directSyscallNumber, multiplexedCall, syscallName } from '../../abi/syscalls.ts';
import { machineArch } from '../../kernel/this-machine.ts';
import type { Ending } from '../exit-code.ts';
import { parseArch } from '../operands/host-options.ts';
import { CALL_NUMBER, unknownCall } from '../operands/unknown-call.ts';
import { renderError } from '../render/render-error.ts';
import { writeStderr, writeStdout } from '../streams.ts';

export interface SyscallsCommandOptions {
  readonly arch?: string;
  readonly json?: boolean;
}

/** One answer: what was asked and what an architecture has for it. */
interface Entry {
  readonly arch: ArchName;
  readonly name: string | null;
  /** `null`: not on this architecture, or only by way of a multiplexer. */
  readonly nr: number | null;
  /** For instance `socketcall(1)`. */
  readonly through: string | null;
}

export async function runSyscalls(
  operands: readonly string[],
  options: SyscallsCommandOptions,
): Promise<Ending> {
  const asked = options.arch === undefined || options.arch === 'all' ? undefined : parseArch(options.arch);
  if (operands.length === 0) {
    if (options.arch === 'all') return listNamesEverywhere(options);
    return list(asked ?? machineArch(), options);
  }
  const arches = asked === undefined ? allArchitectures.map(({ name }) => name) : [asked];
  const answers: { asked: string; entries: readonly Entry[] }[] = [];
  let unknown = 0;
  for (const operand of operands) {
    const entries = lookUp(operand, arches);
    if (entries === undefined) {
      unknown += 1;
      writeStderr(renderError(unknownCall(operand)));
    } else answers.push({ asked: operand, entries });
  }
  if (options.json === true) writeStdout(`${JSON.stringify(answers, undefined, 2)}\n`);
  else writeStdout(answers.map(({ asked: word, entries }) => renderAnswer(word, entries)).join(''));
  return unknown > 0 ? 'ERR_USAGE' : 'yes';
}

/** @returns `undefined` if no architecture at all has the call */
function lookUp(operand: string, arches: readonly ArchName[]): readonly Entry[] | undefined {
  if (CALL_NUMBER.test(operand)) {
    const nr = Number(operand);
    const entries = arches.map(
      (arch): Entry => ({ arch, name: syscallName(nr, arch) ?? null, nr, through: null }),
    );
    return entries.some(({ name }) => name !== null) ? entries : undefined;
  }
  if (!allSyscallNames().includes(operand)) return undefined;
  return arches.map((arch) => entryOf(operand, arch));
}

function entryOf(name: string, arch: ArchName): Entry {
  const multiplexed = multiplexedCall(name, arch);
  const through = multiplexed === undefined ? null : `${multiplexed.multiplexer}(${multiplexed.argument})`;
  return { arch, name, nr: directSyscallNumber(name, arch) ?? null, through };
}

/** With one architecture a line `number  name`, with several a table. */
function renderAnswer(asked: string, entries: readonly Entry[]): string {
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

function renderLine(entry: Entry, asked: string): string {
  if (CALL_NUMBER.test(asked)) return `${asked.padStart(WIDTH)}  ${entry.name ?? `not on ${entry.arch}`}\n`;
  const { nr, through, arch } = entry;
  const note = through === null ? `not on ${arch}` : `${nr === null ? '' : 'also '}through ${through}`;
  const remark = nr === null || through !== null ? `  (${note})` : '';
  return `${String(nr ?? '-').padStart(WIDTH)}  ${asked}${remark}\n`;
}

/** Room for the longest number, x32's with bit 30. */
const WIDTH = 10;

function describe({ nr, through, arch }: Entry): string {
  if (nr === null) return through === null ? `not on ${arch}` : `through ${through}`;
  return through === null ? String(nr) : `${nr}, also through ${through}`;
}

function list(arch: ArchName, options: SyscallsCommandOptions): Ending {
  const entries = allSyscallNames()
    .map((name) => entryOf(name, arch))
    .filter(({ nr, through }) => nr !== null || through !== null)
    .sort((a, b) => (a.nr ?? Number.MAX_SAFE_INTEGER) - (b.nr ?? Number.MAX_SAFE_INTEGER));
  if (options.json === true) writeStdout(`${JSON.stringify(entries, undefined, 2)}\n`);
  else writeStdout(entries.map((entry) => renderLine(entry, entry.name ?? '')).join(''));
  return 'yes';
}

/** Every name on every architecture: a wide table, tab-separated, for spreadsheets and scripts. */
function listNamesEverywhere(options: SyscallsCommandOptions): Ending {
  const arches = allArchitectures.map(({ name }) => name);
  const rows = allSyscallNames().map((name) => ({
    name,
    entries: arches.map((arch) => entryOf(name, arch)),
  }));
  if (options.json === true) {
    writeStdout(`${JSON.stringify(rows, undefined, 2)}\n`);
    return 'yes';
  }
  const cells = ({ nr, through }: Entry): string => String(nr ?? through ?? '-');
  writeStdout(`${['name', ...arches].join('\t')}\n`);
  writeStdout(rows.map(({ name, entries }) => `${[name, ...entries.map(cells)].join('\t')}\n`).join(''));
  return 'yes';
}
