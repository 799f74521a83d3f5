/**
 * The tables in libseccomp's own tests (`.tests`): what a filter should answer to which calls.
 * @module
 */
import { allArchitectures } from '../../../src/abi/architectures.ts';
import { decodeProgram } from '../../../src/bpf/program.ts';
import { prepareProgram } from '../../../src/bpf/simulate-program.ts';
import { resolveSyscall, resolveSyscallRewrite } from '../../../src/libseccomp/index.ts';
import { actionText } from './cases.ts';

/** A row of a `.tests` file's `bpf-sim` table. */
export interface SimRow {
  readonly where: string;
  readonly test: string;
  readonly archs: readonly string[];
  readonly syscall: string;
  readonly args: readonly string[];
  readonly result: string;
}

/** This machine's architecture is `native`; of ours `all` and the like are that one, `+x` is x wherever it runs. */
function archsOf(text: string, native: string): readonly string[] {
  const ofNative = { all: true, all_le: true, all_64: true, [native]: true };
  const names = text.split(',');
  const wanted = names.flatMap((name) => {
    if (name in ofNative) return [native];
    if (name === '+all_le')
      return allArchitectures.filter(({ endian }) => endian === 'little').map((row) => row.name);
    if (name === '+all_be')
      return allArchitectures.filter(({ endian }) => endian === 'big').map((row) => row.name);
    return name.startsWith('+') ? [name.slice(1)] : [];
  });
  return wanted.filter((name) => !names.includes(`-${name}`));
}

/** The rows of a test's file. */
export function simRows(test: string, text: string): readonly SimRow[] {
  let isTable = false;
  return text.split('\n').flatMap((line, index): SimRow[] => {
    const type = /^test type: (.*)$/.exec(line)?.[1];
    if (type !== undefined) isTable = type.trim() === 'bpf-sim';
    const words = line.trim().split(/\s+/);
    if (!isTable || words[0] !== test || words.length !== 10) return [];
    const [, arch = '', syscall = ''] = words;
    return [
      {
        where: `${test}.tests:${index + 1}`,
        test,
        archs: archsOf(arch, 'x86_64'),
        syscall,
        args: words.slice(3, 9),
        result: words[9] ?? '',
      },
    ];
  });
}

/** `0-5` are all of them for a call, and its two ends for an argument; `N` is any value. */
const ends = (text: string): readonly bigint[] =>
  text === 'N' ? [0n] : text.split('-').map((each) => BigInt(each));

function callsOf(row: SimRow, arch: string, library: string): readonly number[] {
  const range = /^(\d+)-(\d+)$/.exec(row.syscall);
  if (range !== null) {
    const [from, to] = [Number(range[1]), Number(range[2])];
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  }
  const nr = /^-?\d+$/.test(row.syscall)
    ? Number(row.syscall)
    : resolveSyscallRewrite(arch, row.syscall, { library });
  return nr === undefined ? [] : [nr];
}

function argumentLists(args: readonly string[]): readonly (readonly bigint[])[] {
  return args.reduce<readonly (readonly bigint[])[]>(
    (lists, arg) => lists.flatMap((list) => ends(arg).map((value) => [...list, value])),
    [[]],
  );
}

/**
 * What of a table a program answers otherwise, and how many calls were asked about.
 *
 * @param suite - the release of the tests
 * @param programOf - of a test; `undefined` leaves its rows out
 */
export function wrongAnswers(
  suite: string,
  rows: readonly SimRow[],
  programOf: (test: string) => Uint8Array | undefined,
  library: string,
) {
  const wrong: string[] = [];
  let asked = 0;
  for (const row of rows) {
    const bytes = programOf(row.test);
    if (bytes === undefined) continue;
    for (const name of row.archs) {
      const arch = allArchitectures.find((each) => each.name === name);
      // Tests of a release add the architectures of that release.
      if (arch === undefined || arch.since > suite || !knows(library, name)) continue;
      const program = prepareProgram(decodeProgram(bytes, arch.endian), { endian: arch.endian });
      for (const nr of callsOf(row, name, library)) {
        for (const args of argumentLists(row.args)) {
          const word = program.verdict({ nr: nr | 0, arch: arch.auditArch, instructionPointer: 0n, args });
          const text = actionText(word).replace('KILL_THREAD', 'KILL');
          asked += 1;
          if (text !== row.result) wrong.push(`${row.where}: ${name} ${nr} ${args.join(' ')}: ${text}`);
        }
      }
    }
  }
  return { wrong, asked };
}

function knows(library: string, arch: string): boolean {
  try {
    return resolveSyscall('read', arch, { library }) !== undefined;
  } catch {
    return false;
  }
}
