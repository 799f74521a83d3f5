/**
 * The words for a call, in whatever form a person has it.
 * @module
 */
import { pastedCall } from './call-spelling.ts';

/** What a person asks about, in words that `parseQuestion` reads. */
interface AskedWords {
  readonly syscall: string;
  readonly args: readonly string[];
  /** As it was asked for, else as the record has it. */
  readonly arch: string | undefined;
  /** The error that the line of a tracer ends with: `EPERM`. */
  readonly error?: string | undefined;
}

/** Reads the words for a call: its name and arguments, a record that holds it, or the line of a tracer. */
export async function askedWords(words: readonly string[], arch: string | undefined): Promise<AskedWords> {
  const pasted = pastedCall(words);
  if (pasted !== undefined) return { syscall: pasted.syscall, args: [], arch: arch ?? pasted.arch };
  const text = words.join(' ');
  // Loaded for these alone: no name has a bracket or a space.
  const written = /\(|call /.test(text)
    ? (await import('./written-call.ts')).readWrittenCall(text, arch)
    : undefined;
  const [syscall = '', ...args] = written?.words ?? words;
  return { syscall, args, arch: arch ?? written?.arch, error: written?.error };
}
