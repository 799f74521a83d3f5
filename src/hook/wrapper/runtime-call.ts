/**
 * A runtime's command line: does it make a container, and from which config.json?
 *
 * The command line is read exactly as the runtime itself reads it. An option before the command that is not known here
 * may or may not take the next word. If that makes a difference, the call is refused: a wrong guess would start a
 * container without its filter.
 *
 * Sources, and tried with: runc 1.1.5, 1.1.15, 1.3.6 (urfave/cli 1, Go's flag), crun 1.8.1, 1.28 (glibc's argp).
 * @module
 */
import type { RuntimeName } from '../../consumers.ts';
import { OciSeccompError } from '../../errors.ts';

/** Runtimes whose command lines are known. */
export type WrappedRuntime = Extract<RuntimeName, 'runc' | 'crun'>;

export interface RuntimeCall {
  /** `undefined`: none, only options. */
  readonly command: string | undefined;
  /** Where the runtime writes its log; `undefined`: nowhere but standard error. */
  readonly log: string | undefined;
  readonly logFormat: 'json' | 'text';
  /** Set for calls that make a container. */
  readonly creates: Creation | undefined;
}

export interface Creation {
  /** The bundle's folder, as given; `.` if it is not. */
  readonly bundle: string;
  /** crun's `--config`, relative to the working folder; `undefined`: `config.json` in the bundle. */
  readonly config: string | undefined;
}

interface Grammar {
  /** Options that take a value, and options that take none. */
  readonly global: Options;
  readonly create: Options;
  readonly commands: readonly string[];
  /** Go: `-name` is `--name`, short options stand alone, words after the container's name may be options. */
  readonly style: 'go' | 'argp';
}

interface Options {
  readonly values: readonly string[];
  readonly flags: readonly string[];
}

const goCommands =
  'checkpoint create delete events exec features help h init kill list pause ps restore resume run spec start state update';
const crunCommands =
  'checkpoint create delete exec features kill list mounts pause ps restore resume run spec start state update';

const grammars = {
  runc: {
    global: {
      values: ['log', 'log-format', 'root', 'criu', 'rootless'],
      flags: ['debug', 'systemd-cgroup', 'help', 'h', 'version', 'v'],
    },
    create: {
      values: ['bundle', 'b', 'console-socket', 'pidfd-socket', 'pid-file', 'preserve-fds'],
      flags: ['detach', 'd', 'keep', 'no-subreaper', 'no-pivot', 'no-new-keyring', 'help', 'h'],
    },
    commands: goCommands.split(' '),
    style: 'go',
  },
  crun: {
    global: {
      values: ['cgroup-manager', 'log', 'log-format', 'log-level', 'root', 'rootless'],
      flags: ['debug', 'systemd-cgroup', 'help', '?', 'usage', 'version', 'v', 'V'],
    },
    create: {
      values: ['bundle', 'b', 'config', 'f', 'console-socket', 'pid-file', 'preserve-fds'],
      flags: ['detach', 'd', 'keep', 'no-subreaper', 'no-pivot', 'no-new-keyring', 'help', '?', 'usage'],
    },
    commands: crunCommands.split(' '),
    style: 'argp',
  },
} as const satisfies Record<WrappedRuntime, Grammar>;

/** The words of a runtime's command line, without its name: as text, and as the kernel has them. */
export interface CommandLine {
  readonly args: readonly string[];
  readonly raw: readonly Uint8Array[];
}

/** @throws OciSeccompError `ERR_HOOK` for words that are not UTF-8: as text they name another bundle than for the runtime */
export function requireUtf8({ args, raw }: CommandLine): void {
  if (args.every((word, at) => Buffer.compare(Buffer.from(word), raw[at] ?? new Uint8Array()) === 0)) return;
  throw new OciSeccompError('ERR_HOOK', 'the arguments of the runtime are not UTF-8', {
    hint: 'give the container an id, and its bundle a path, in UTF-8',
  });
}

/**
 * Tells at a glance that a call makes no container: none of its words is a command that does.
 *
 * @param args - without the program's name
 */
export function createsNothing(args: readonly string[]): boolean {
  return !args.some((word) => word === 'create' || word === 'run');
}

/**
 * Reads a runtime's command line.
 *
 * @param args - without the program's name
 * @throws OciSeccompError `ERR_USAGE` if it cannot be told whether the call makes a container
 */
export function parseRuntimeCall(args: readonly string[], runtime: WrappedRuntime): RuntimeCall {
  const grammar: Grammar = grammars[runtime];
  const readings = readGlobal(args, 0, [], grammar);
  const known = readings.filter(({ command }) => command !== undefined && grammar.commands.includes(command));
  const candidates = known.length > 0 ? known : readings;
  const calls = candidates.map((reading) => toCall(reading, grammar));
  const [first] = calls;
  if (first === undefined)
    return { command: undefined, log: undefined, logFormat: 'text', creates: undefined };
  const same = calls.every(({ creates }) => JSON.stringify(creates) === JSON.stringify(first.creates));
  if (same) return first;
  const unknown =
    candidates.flatMap(({ options }) => options.filter((each) => each.unknown)).at(0)?.name ?? '';
  throw new OciSeccompError(
    'ERR_USAGE',
    `${runtime} may have an option --${unknown}, but oci-seccomp-runtime does not know it and cannot tell which command follows it`,
    {
      hint: `write a value as --${unknown}=VALUE, and a switch as --${unknown}=true`,
    },
  );
}

interface Given {
  readonly name: string;
  readonly value: string | undefined;
  readonly unknown: boolean;
}

/** One way to read the words: the options before the command, the command, the words after it. */
interface Reading {
  readonly options: readonly Given[];
  readonly command: string | undefined;
  readonly rest: readonly string[];
}

/** All ways to read the words from an index on; more than one only behind an option that is not known. */
function readGlobal(
  args: readonly string[],
  from: number,
  before: readonly Given[],
  grammar: Grammar,
): readonly Reading[] {
  const options = [...before];
  let at = from;
  while (at < args.length) {
    const word = args[at] ?? '';
    if (!isOption(word)) break;
    at++;
    if (word === '--') break;
    const { given, takesNext } = readOption(word, grammar.global, grammar.style);
    const next = args[at];
    if (takesNext === 'maybe' && next !== undefined && !isOption(next)) {
      const [option] = given;
      const [plain, valued] = [
        [...options, ...given],
        [...options, { name: option?.name ?? '', value: next, unknown: true }],
      ];
      return [...readGlobal(args, at, plain, grammar), ...readGlobal(args, at + 1, valued, grammar)];
    }
    options.push(...withValue(given, takesNext === 'yes' ? args[at++] : undefined));
  }
  return [{ options, command: args[at], rest: args.slice(at + 1) }];
}

function toCall({ options, command, rest }: Reading, grammar: Grammar): RuntimeCall {
  const log = lastOf(options, ['log']);
  const logFormat = lastOf(options, ['log-format']) === 'json' ? 'json' : 'text';
  const creates = command === 'create' || command === 'run' ? readCreation(rest, grammar) : undefined;
  return { command, log: log === '' ? undefined : log, logFormat, creates };
}

/** For both, the last one wins. An unknown option takes the next word only if that is not an option. */
function readCreation(rest: readonly string[], { create, style }: Grammar): Creation {
  const options: Given[] = [];
  for (let at = 0; at < rest.length; ) {
    const word = rest[at++] ?? '';
    if (word === '--') break;
    // runc takes options behind the container's name too; crun refuses such a call, so it does not matter.
    if (!isOption(word)) continue;
    const { given, takesNext } = readOption(word, create, style);
    options.push(...withValue(given, takesNext === 'yes' ? rest[at++] : undefined));
  }
  const bundle = lastOf(options, ['bundle', 'b']);
  // runc takes an empty name for none.
  return {
    bundle: bundle === undefined || (bundle === '' && style === 'go') ? '.' : bundle,
    config: lastOf(options, ['config', 'f']),
  };
}

function isOption(word: string): boolean {
  return word.length > 1 && word.startsWith('-');
}

function lastOf(options: readonly Given[], names: readonly string[]): string | undefined {
  return options.findLast(({ name, value }) => names.includes(name) && value !== undefined)?.value;
}

interface ReadOption {
  readonly given: readonly Given[];
  /** Whether the next word is the last option's value. */
  readonly takesNext: 'yes' | 'no' | 'maybe';
}

function withValue(given: readonly Given[], value: string | undefined): readonly Given[] {
  const last = given.at(-1);
  return last === undefined || value === undefined ? given : [...given.slice(0, -1), { ...last, value }];
}

function readOption(word: string, options: Options, style: Grammar['style']): ReadOption {
  const long = style === 'go' || word.startsWith('--');
  return long ? readLong(word.replace(/^--?/, ''), options, style) : readCluster(word.slice(1), options);
}

function readLong(text: string, options: Options, style: Grammar['style']): ReadOption {
  const equals = text.indexOf('=');
  const written = equals < 0 ? text : text.slice(0, equals);
  const name = style === 'argp' ? complete(written, options) : written;
  const unknown = !options.values.includes(name) && !options.flags.includes(name);
  if (equals >= 0) return { given: [{ name, value: text.slice(equals + 1), unknown }], takesNext: 'no' };
  const given = [{ name, value: undefined, unknown }];
  return { given, takesNext: unknown ? 'maybe' : options.values.includes(name) ? 'yes' : 'no' };
}

/** getopt_long(3): a beginning stands for the one option that starts with it. */
function complete(written: string, { values, flags }: Options): string {
  const all = [...values, ...flags].filter((name) => name.length > 1);
  if (all.includes(written)) return written;
  const matches = all.filter((name) => name.startsWith(written));
  return matches.length === 1 ? (matches[0] ?? written) : written;
}

/** getopt(3): `-db DIR`, `-dbDIR`; a value is taken as it is, `=` included. */
function readCluster(letters: string, options: Options): ReadOption {
  const given: Given[] = [];
  for (let i = 0; i < letters.length; i++) {
    const name = letters[i] ?? '';
    const rest = letters.slice(i + 1);
    if (options.values.includes(name)) {
      given.push({ name, value: rest === '' ? undefined : rest, unknown: false });
      return { given, takesNext: rest === '' ? 'yes' : 'no' };
    }
    const unknown = !options.flags.includes(name);
    given.push({ name, value: undefined, unknown });
    if (unknown) return { given, takesNext: rest === '' ? 'maybe' : 'no' };
  }
  return { given, takesNext: 'no' };
}
