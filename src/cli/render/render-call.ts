/**
 * Simulated calls as text and as JSON.
 * @module
 */
import type { Architecture } from '../../abi/architectures.ts';
import { formatReturnWord } from '../../abi/return-word.ts';
import type { SeccompData } from '../../abi/seccomp-data.ts';
import { syscallName } from '../../abi/syscall-numbers.ts';
import { visibleJson } from '../../abi/visible-json.ts';

interface SimulatedCall {
  readonly arch: Architecture;
  readonly data: SeccompData;
  /** How many arguments were given. */
  readonly given: number;
  readonly word: number;
  readonly expected: number | undefined;
  /** From 1. */
  readonly line: number;
}

const verdicts = new Map<string, string>();

function verdict(word: number, { name }: Architecture): string {
  const key = `${word} ${name}`;
  let text = verdicts.get(key);
  if (text === undefined) {
    text = formatReturnWord(word, name);
    verdicts.set(key, text);
  }
  return text;
}

/** `x86_64 socket(40): ERRNO EPERM (1)`, with what was expected instead and its place. */
export function renderCall({ arch, data, given, word, expected, line }: SimulatedCall, file: string): string {
  const nr = data.nr >>> 0;
  let args = '';
  for (let i = 0; i < given; i++) args += `${i === 0 ? '' : ', '}${formatArgument(data.args[i] ?? 0n)}`;
  const call = `${arch.name} ${syscallName(nr, arch.name) ?? formatNr(data.nr)}(${args})`;
  const miss =
    expected === undefined || expected === word
      ? ''
      : `, expected ${verdict(expected, arch)} (${file}:${line})`;
  return `${call}: ${verdict(word, arch)}${miss}\n`;
}

function formatNr(nr: number): string {
  return nr > 0xffff ? `0x${nr.toString(16)}` : String(nr);
}

function formatArgument(value: bigint): string {
  return value < 0x10000n ? value.toString() : `0x${value.toString(16)}`;
}

/** One line of JSON. Arguments are decimal strings: readers would round numbers above 2^53. */
export function renderCallJson(call: SimulatedCall): string {
  const { arch, data, given, word, expected, line } = call;
  const { nr } = data;
  const row = {
    line,
    arch: arch.name,
    syscall: syscallName(nr >>> 0, arch.name) ?? null,
    nr,
    args: data.args.slice(0, given).map(String),
    returnWord: word,
    verdict: verdict(word, arch),
    ...(expected === undefined ? {} : { expected: verdict(expected, arch), asExpected: expected === word }),
  };
  return `${visibleJson(JSON.stringify(row))}\n`;
}
