/**
 * The messages between a client and the agent, over a unix stream socket: one request, one answer, and the end.
 *
 * A request: 8 bytes `OCISECC1`, the length of the arguments and that of the state (u32, little-endian on every machine),
 * the arguments, each with a NUL behind it, and the state as the runtime wrote it. Lengths stand in front, so that a
 * client that was killed half-way never looks like one that has finished.
 *
 * An answer: one digit, the client's exit code, and the text for its standard error. Anything else, and an end without an
 * answer, means that the container must not start.
 *
 * A connection that begins with `GET ` asks by HTTP: see metrics-page.ts.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { MAX_STATE_SIZE } from '../container-state.ts';

export const MAGIC = 'OCISECC1';
export const HEAD_SIZE = MAGIC.length + 8;
/** The most bytes that all arguments may have together, each with its NUL. */
export const MAX_ARGUMENTS_SIZE = 64 * 1024;
/** The most bytes of an answer: more is not printed. */
export const MAX_ANSWER_SIZE = 64 * 1024;
/**
 * The first argument of the runtime wrapper's requests. The path of its configuration follows, that of the real runtime,
 * and the runtime's command line without its name. There is no state. With the answer 0 the client becomes the runtime.
 * Any other answer has the text for standard error, a NUL, and the entry for the log that the command line names.
 */
export const RUNTIME_CALL = 'runtime';
/** What an agent listens on unless it is told another path, and what its units name. */
export const DEFAULT_SOCKET = '/run/oci-seccomp/agent.sock';
/** sun_path of unix(7) without its final NUL. */
export const MAX_SOCKET_PATH = 107;

export interface AgentRequest {
  /** Behind `hook`: the stage and its options; or what {@link RUNTIME_CALL} says. */
  readonly args: readonly string[];
  readonly state: Uint8Array;
}

/** 0 the container may start; else it must not. */
type AnswerCode = 0 | 1 | 2 | 3;

export interface AgentAnswer {
  readonly code: AnswerCode;
  /** For standard error. */
  readonly text: string;
}

/** @throws OciSeccompError `ERR_HOOK` for arguments or a state that are too long */
export function encodeAgentRequest({ args, state }: AgentRequest): Uint8Array {
  const words = Buffer.from(args.map((word) => `${word}\0`).join(''));
  requireSizes(words.length, state.length);
  const head = Buffer.alloc(HEAD_SIZE);
  head.write(MAGIC, 'latin1');
  head.writeUInt32LE(words.length, MAGIC.length);
  head.writeUInt32LE(state.length, MAGIC.length + 4);
  return Buffer.concat([head, words, state]);
}

/** The sizes that a request's head tells. @throws OciSeccompError `ERR_HOOK` if it is not one, or too much is to come */
export function decodeHead(head: Buffer): { readonly argumentsSize: number; readonly stateSize: number } {
  if (head.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw new OciSeccompError('ERR_HOOK', 'the agent received a request that it does not know', {
      hint: 'use a client of the same version: print the configuration of the hook again',
    });
  }
  const argumentsSize = head.readUInt32LE(MAGIC.length);
  const stateSize = head.readUInt32LE(MAGIC.length + 4);
  requireSizes(argumentsSize, stateSize);
  return { argumentsSize, stateSize };
}

function requireSizes(argumentsSize: number, stateSize: number): void {
  if (argumentsSize > MAX_ARGUMENTS_SIZE) {
    throw new OciSeccompError(
      'ERR_HOOK',
      `the arguments of the hook are longer than ${MAX_ARGUMENTS_SIZE} bytes`,
    );
  }
  if (stateSize > MAX_STATE_SIZE) {
    throw new OciSeccompError('ERR_HOOK', `the container state is longer than ${MAX_STATE_SIZE} bytes`);
  }
}

/** @throws OciSeccompError `ERR_HOOK` for arguments that do not end with a NUL or are not UTF-8 */
export function decodeArguments(bytes: Uint8Array): readonly string[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new OciSeccompError('ERR_HOOK', 'the arguments are not UTF-8, so the agent cannot read them', {
      cause,
    });
  }
  const words = text.split('\0');
  if (words.pop() !== '') throw new OciSeccompError('ERR_HOOK', 'the last argument of the hook has no end');
  return words;
}

export function encodeAgentAnswer({ code, text }: AgentAnswer): Uint8Array {
  return Buffer.from(`${code}${text}`).subarray(0, MAX_ANSWER_SIZE);
}

/** @returns `undefined` for what is not an answer */
export function decodeAgentAnswer(bytes: Uint8Array): AgentAnswer | undefined {
  const code = Number.parseInt(String.fromCharCode(bytes[0] ?? 0), 10);
  if (code !== 0 && code !== 1 && code !== 2 && code !== 3) return undefined;
  return { code, text: Buffer.from(bytes.subarray(1)).toString('utf8') };
}
