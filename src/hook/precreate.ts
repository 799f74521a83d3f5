/**
 * The work of Podman's `precreate` hooks: a config.json comes in and goes out with the container's filter in it; every
 * other byte of it stays. The runtime installs the filter, so nothing is left to be done when the container starts.
 *
 * Source: oci-hooks(5), "precreate".
 * @module
 */
import { formatClaim } from '../compile/claim-text.ts';
import { OciSeccompError } from '../errors.ts';
import { machineArch } from '../kernel/this-machine.ts';
import { parseRuntime } from '../policy/runtimes.ts';
import type { AttachWorld } from './attach-filter.ts';
import { type BundleConfig, changeBundleConfig, readBundleConfig } from './bundle-config.ts';
import { type ChoiceOptions, chooseForContainer, requireChoice } from './choose-profile.ts';
import { applyProfileToConfig, FOR_CRUN_ALONE, RAW_PROGRAM } from './config-json.ts';
import type { ProfileSource } from './container-filter.ts';
import { reasonOf, tryWriteRecord, writeRecord } from './hook-log.ts';
import { type CompileChoices, openChosen } from './prepare-filter.ts';
import { isProgram, readProgramFile, requireNoListener, requireNoStrictness } from './program-file.ts';
import type { LogTarget } from './supervisor/supervisor-protocol.ts';

export interface PrecreateOptions extends ChoiceOptions, CompileChoices {
  /** Hands crun the program itself. */
  readonly crunBpf: boolean;
}

interface Precreated {
  /** The config.json to go on with. */
  readonly text: string;
}

type PrecreateWorld = Pick<AttachWorld, 'requireOwnFiles' | 'readInput' | 'elapsed'>;

interface Rewritten {
  readonly text: string;
  /** The program the container will run under. */
  readonly program: Uint8Array;
  /** What is proven of it, in one line; of one that was compiled before nothing is. */
  readonly claim: string | undefined;
  /** What a store was good for, in one line. */
  readonly store?: string | undefined;
}

/**
 * Puts a container's filter into its config.json.
 *
 * @param world - throws if somebody else can write what this program consists of; reads the config.json as Podman wrote
 *   it; and tells the milliseconds since the hook was called
 * @throws OciSeccompError if that is not possible; the container must not start then. The reason is in the log
 */
export async function rewriteConfig(
  { requireOwnFiles, readInput, elapsed }: PrecreateWorld,
  options: PrecreateOptions,
  log: LogTarget,
): Promise<Precreated> {
  let [row, profile]: (string | undefined)[] = [];
  try {
    await requireChoice(options);
    requireOwnFiles();
    const config = readBundleConfig(readInput(), 'config.json');
    const chosen = await chooseForContainer(options, config);
    const { source } = chosen;
    row = chosen.row;
    if (source === undefined) {
      writeRecord(log, { result: 'unfiltered', row, milliseconds: elapsed() });
      return { text: config.document.text };
    }
    profile = source.name;
    const { text, program, claim, store } = await rewrite(config, source, options);
    const sha256 = process.getBuiltinModule('node:crypto').createHash('sha256').update(program).digest('hex');
    writeRecord(log, { result: 'rewritten', row, profile, sha256, claim, store, milliseconds: elapsed() });
    return { text };
  } catch (error) {
    tryWriteRecord(log, {
      result: 'refused',
      row,
      profile,
      milliseconds: elapsed(),
      reason: reasonOf(error),
    });
    throw error;
  }
}

async function rewrite(
  config: BundleConfig,
  source: ProfileSource,
  { crunBpf, runtime, engine, backend, library, release, strict, store: choice }: PrecreateOptions,
): Promise<Rewritten> {
  if (source.bytes !== undefined && isProgram(source.bytes)) {
    requireNoStrictness(strict, source.name);
    return embedProgram(config, source.name, source.bytes, crunBpf);
  }
  const store = await openChosen(choice);
  const { text, filter } = await applyProfileToConfig(config, source, {
    runtime: parseRuntime(crunBpf ? 'crun' : runtime),
    form: crunBpf ? 'bpf' : 'oci',
    engine,
    backend,
    library,
    release,
    strict,
    store,
  });
  return { text, program: filter.bytes, claim: formatClaim(filter.claim), store: store?.describe() };
}

async function embedProgram(
  config: BundleConfig,
  name: string,
  bytes: Uint8Array,
  crunBpf: boolean,
): Promise<Rewritten> {
  if (!crunBpf) {
    throw new OciSeccompError('ERR_HOOK', `${name} is a program, but a config.json holds profiles`, {
      hint: 'name the profile it was compiled from; or, if the runtime is crun, give --crun-bpf',
    });
  }
  const program = await readProgramFile(bytes, name, machineArch());
  requireNoListener(program, name);
  const annotation = Buffer.from(program).toString('base64');
  return {
    text: changeBundleConfig(config, { seccomp: FOR_CRUN_ALONE, annotations: { [RAW_PROGRAM]: annotation } }),
    program,
    claim: undefined,
  };
}
