/**
 * The one error class of this package. Callers tell errors apart by `code`, never by message.
 * @module
 */

/**
 * Every code an {@link OciSeccompError} can carry, with the exit code its kind of failure gets on the command line:
 *
 * - 1, the answer is no: what was asked for does not hold, or nothing of that kind was found;
 * - 2, trouble: wrong usage, or an input that cannot be read as what it should be. Nothing was answered;
 * - 3, the environment: a library or file that cannot be used, or a system call that the kernel refuses.
 */
export const errorCodes = {
  /** The text of a profile is not JSON. */
  ERR_PROFILE_SYNTAX: { exitCode: 2 },
  /** The JSON is not shaped as the dialect demands. */
  ERR_PROFILE_SCHEMA: { exitCode: 2 },
  /** Well-shaped, but an engine or a runtime rejects what it says. */
  ERR_PROFILE_SEMANTICS: { exitCode: 2 },
  /** The profile is written in a dialect that cannot be read. */
  ERR_PROFILE_DIALECT: { exitCode: 2 },
  /** Bytes are not a classic BPF program. */
  ERR_BPF_INVALID: { exitCode: 2 },
  /**
   * The meaning of a program cannot be decided: it is too complex, or computes what is not followed. Neither yes nor no
   * is known. Where the rest of a program is decided, `diff`, `subset` and `verify` show the calls in question and count
   * them as different.
   */
  ERR_UNDECIDED: { exitCode: 2 },
  /** The form that was asked for cannot express the result: no rule of a profile, or no option of a program, says it. */
  ERR_INEXPRESSIBLE: { exitCode: 2 },
  /** A line of a table of calls cannot be read. */
  ERR_CALLS: { exitCode: 2 },
  /** A program does not mean what its policy says. */
  ERR_PROOF: { exitCode: 1 },
  /** The program does less than the profile seems to say. Only `--strict` refuses it. */
  ERR_CLAIM: { exitCode: 1 },
  /** An option or argument has a value that cannot be used. */
  ERR_USAGE: { exitCode: 2 },
  /** A file cannot be read or written. */
  ERR_IO: { exitCode: 3 },
  /** koffi cannot be loaded. */
  ERR_FFI: { exitCode: 3 },
  /** No libseccomp was found. */
  ERR_LIBSECCOMP_MISSING: { exitCode: 3 },
  /** The loaded libseccomp lacks what was asked for. */
  ERR_LIBSECCOMP_TOO_OLD: { exitCode: 3 },
  /** A call of libseccomp returned an error: it refuses what the profile says. */
  ERR_LIBSECCOMP: { exitCode: 2 },
  /** The thread that a notification is about has died or was interrupted: there is nobody to answer. */
  ERR_NOTIFY_GONE: { exitCode: 3 },
  /** A filter was used after it was released or merged into another. */
  ERR_LIBSECCOMP_RELEASED: { exitCode: 2 },
  /** libseccomp did not finish in time; it loops for some rule sets. */
  ERR_LIBSECCOMP_TIMEOUT: { exitCode: 2 },
  /** libseccomp ended the process that ran it; it corrupts memory for some rule sets. */
  ERR_LIBSECCOMP_CRASH: { exitCode: 2 },
  /** A filter denies what a command needs to start. */
  ERR_START_DENIED: { exitCode: 1 },
  /** A live process runs under no filter. As with grep(1), nothing was found, so the exit code is 1. */
  ERR_NO_FILTER: { exitCode: 1 },
  /** A container cannot be given its filter: its configuration, or that of the hook or wrapper, is in the way. */
  ERR_HOOK: { exitCode: 2 },
  /** The folder of `--store` can be written by others, or is not a folder. */
  ERR_STORE: { exitCode: 2 },
  /** A registry holds something that is not a seccomp profile, or not what its digest says; or a profile cannot be put there. */
  ERR_ARTIFACT: { exitCode: 2 },
  /** A registry cannot be reached, does not permit what is asked, or does not follow the distribution API. */
  ERR_REGISTRY: { exitCode: 3 },
  /** A system call failed. */
  ERR_KERNEL: { exitCode: 3 },
} as const satisfies Record<string, { exitCode: 1 | 2 | 3 }>;

/** A stable code, by which programs tell errors apart. */
export type ErrorCode = keyof typeof errorCodes;

/** A problem of a text, at its place: lines and columns from 1. What else it has depends on the kind of text. */
export interface ErrorProblem {
  /** A stable code. */
  readonly code?: string;
  /** What is wrong. */
  readonly message: string;
  /** The line. */
  readonly line?: number;
  /** The column. */
  readonly column?: number;
}

/**
 * What an error is about, in a form programs can use. Which keys are present depends on the code and the fault; those that are named
 * here have the same type wherever they are.
 */
export interface ErrorDetails {
  /** What is wrong with a profile, or with a program. */
  readonly problems?: readonly ErrorProblem[] | undefined;
  /** The system call or the call of a library that failed; of `ERR_USAGE` the function that was called. */
  readonly call?: string | undefined;
  /** Why a call failed, as a positive number. */
  readonly errno?: number | undefined;
  /** The process that it is about. */
  readonly pid?: number | undefined;
  /** The descriptor that it is about. */
  readonly fd?: number | undefined;
  /** The file or library that it is about. */
  readonly path?: string | undefined;
  /** The option or key that is wrong. */
  readonly key?: string | undefined;
  /** What there is in place of the name that is wrong. */
  readonly known?: readonly string[] | undefined;
  /** What the loaded libseccomp lacks. */
  readonly asked?: string | undefined;
  /** The release of libseccomp that has it. */
  readonly minimum?: string | undefined;
  /** What makes rules hazardous for libseccomp. */
  readonly hazard?: string | undefined;
  /** The processor time that was allowed, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** The length of a program. */
  readonly instructions?: number | undefined;
  /** What only some faults know. */
  readonly [key: string]: unknown;
}

/**
 * The details of each code, for a caller who has asked for the code. Those that hold values of a room are described there:
 * `ERR_PROFILE_*`, `ERR_PROOF`, `ERR_CLAIM` and `ERR_INEXPRESSIBLE`.
 */
export interface ErrorDetailsByCode extends Record<ErrorCode, ErrorDetails> {
  /** `reason`: what is too complex, or is not followed. */
  readonly ERR_UNDECIDED: ErrorDetails & { readonly reason: string };
  /** `rule`: index into `LinuxSeccomp.syscalls`, and `syscall`: the call, where a rule is refused. */
  readonly ERR_LIBSECCOMP: ErrorDetails & {
    readonly rule?: number | undefined;
    readonly syscall?: string | undefined;
  };
  /** `asked`: what the library lacks; `minimum`: the release that has it; `found`: the loaded release. */
  readonly ERR_LIBSECCOMP_TOO_OLD: ErrorDetails & {
    readonly asked: string;
    readonly minimum: string;
    readonly found: string;
  };
  /** `hazard`: what makes the rules hazardous; `limit`: which limit was met, that of processor time or the one by the clock. */
  readonly ERR_LIBSECCOMP_TIMEOUT: ErrorDetails & {
    readonly hazard: string;
    readonly timeoutMs: number;
    readonly limit: 'cpu' | 'wall';
  };
  /** `hazard`: what makes the rules hazardous; and how the process ended: by a signal, or with a status. */
  readonly ERR_LIBSECCOMP_CRASH: ErrorDetails & {
    readonly hazard: string;
    readonly signal?: string | undefined;
    readonly status?: number | undefined;
  };
}

/** What an error carries beside its code and message. */
export interface OciSeccompErrorOptions {
  /** What the reader can do about it; one sentence, without a full stop at its end. */
  readonly hint?: string | undefined;
  /** What it is about, for programs. */
  readonly details?: ErrorDetails | undefined;
  /** The error that led to it. */
  readonly cause?: unknown;
}

/** A message that quotes a path of the length that Linux takes (4096) is shown whole. */
const LONGEST_TEXT = 6000;
const KEPT_AT_END = 500;

/** Messages quote what callers gave, and that can be megabytes. The end stays: it says what is wrong with it. */
function shortened(text: string): string {
  if (text.length <= LONGEST_TEXT) return text;
  const left = text.length - LONGEST_TEXT;
  return `${text.slice(0, LONGEST_TEXT - KEPT_AT_END)}[${left} more characters]${text.slice(-KEPT_AT_END)}`;
}

/** An error with a stable `code`, a `hint` on what to do, `details` for programs and the `cause` kept. */
export class OciSeccompError extends Error {
  /** The same for all of them, as stack traces show it. */
  override readonly name = 'OciSeccompError';
  /** What went wrong; stable. */
  readonly code: ErrorCode;
  /** What you can do about it, one sentence without a full stop. */
  readonly hint: string | undefined;
  /** What it is about, for programs: `details.problems` of a profile, `details.errno` of a system call. */
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: OciSeccompErrorOptions = {}) {
    super(shortened(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint === undefined ? undefined : shortened(options.hint);
    this.details = options.details ?? {};
  }

  /**
   * Whether this is the code. TypeScript then knows what its details are, as {@link ErrorDetailsByCode} says:
   * `if (error.hasCode('ERR_PROOF')) show(error.details.counterexample)`.
   */
  hasCode<Code extends ErrorCode>(code: Code): this is OciSeccompErrorOf<Code> {
    return this.code === code;
  }

  /**
   * The error as plain values, for logs and for other threads: JSON.stringify() calls it, and a copy that structuredClone() makes of an
   * error has neither code nor details. Integers of 64 bits are texts of their decimal digits.
   */
  toJSON(): OciSeccompErrorJson {
    const { name, code, message, hint, details, cause } = this;
    const exact = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value);
    return {
      ...{ name, code, message },
      ...(hint === undefined ? {} : { hint }),
      details: JSON.parse(JSON.stringify(details, exact)),
      ...(cause instanceof Error
        ? { cause: cause instanceof OciSeccompError ? cause.toJSON() : String(cause) }
        : {}),
    };
  }
}

/** An error in JSON. */
export interface OciSeccompErrorJson {
  /** `OciSeccompError`. */
  readonly name: string;
  /** What went wrong; stable. */
  readonly code: ErrorCode;
  /** For people. */
  readonly message: string;
  /** What you can do about it. */
  readonly hint?: string;
  /** What it is about: as {@link ErrorDetails}, but a `bigint` is text. */
  readonly details: Readonly<Record<string, unknown>>;
  /** The error that led to it; of another class, its name and message. */
  readonly cause?: OciSeccompErrorJson | string;
}

/** An error whose code is known, and so what its details are. */
export interface OciSeccompErrorOf<Code extends ErrorCode> extends OciSeccompError {
  /** What went wrong; stable. */
  readonly code: Code;
  /** What it is about, for programs. */
  readonly details: ErrorDetailsByCode[Code];
}
