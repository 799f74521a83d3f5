/**
 * The messages between a parent and the child that runs libseccomp for it: one JSON line each way.
 * @module
 */
import { type ErrorCode, errorCodes, OciSeccompError } from '../errors.ts';
import type { ProcessLimits } from '../libseccomp/watchdog.ts';
import type { BuildRequest, BuiltFilter } from './build-filter.ts';

interface ChildTask {
  readonly request: BuildRequest;
  /** Path or soname of libseccomp; `undefined`: the default. */
  readonly libraryPath: string | undefined;
  /** When the kernel ends the child, even if its parent has ended. */
  readonly limits: ProcessLimits;
}

type ChildAnswer =
  | { readonly built: BuiltFilter }
  | {
      readonly error: {
        code: string;
        message: string;
        hint: string | undefined;
        details: Record<string, unknown>;
      };
    };

/** JSON has no u64, so it is sent as tagged text. Bytes are sent as base64. */
function replacer(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? { u64: value.toString() } : value;
}

function reviver(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { u64 } = value as { u64?: unknown };
  return typeof u64 === 'string' ? BigInt(u64) : value;
}

export function encodeTask(task: ChildTask): string {
  return JSON.stringify(task, replacer);
}

export function decodeTask(text: string): ChildTask {
  return JSON.parse(text, reviver) as ChildTask;
}

export function encodeBuilt({ bpf, pfc, libraryVersion }: BuiltFilter): string {
  return JSON.stringify({ built: { bpf: Buffer.from(bpf).toString('base64'), pfc, libraryVersion } });
}

export function encodeError(error: unknown): string {
  if (!(error instanceof OciSeccompError)) throw error;
  const { code, message, hint, details } = error;
  return JSON.stringify({ error: { code, message, hint, details } });
}

/** @returns the built filter @throws OciSeccompError as the child did */
export function decodeAnswer(text: string): BuiltFilter {
  const answer = JSON.parse(text) as
    | { built: { bpf: string; pfc?: string; libraryVersion: string } }
    | Extract<ChildAnswer, { error: unknown }>;
  if ('built' in answer) {
    const { bpf, pfc, libraryVersion } = answer.built;
    return { bpf: new Uint8Array(Buffer.from(bpf, 'base64')), pfc, libraryVersion };
  }
  const { code, message, hint, details } = answer.error;
  const known = Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'ERR_LIBSECCOMP';
  throw new OciSeccompError(known, message, { hint, details });
}
