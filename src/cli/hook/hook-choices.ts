/**
 * What a hook's options choose: the profile, and how its filter is made. For the hook and for `hook config`.
 * @module
 */
import type { BackendName } from '../../compile/compile-policy.ts';
import type { Engine } from '../../consumers.ts';
import { OciSeccompError } from '../../errors.ts';
import type { AttachOptions } from '../../hook/attach-filter.ts';
import type { ChoiceOptions } from '../../hook/choose-profile.ts';
import type { CompileChoices } from '../../hook/prepare-filter.ts';
import { requireRecorderAlone } from '../../hook/recorded-container.ts';
import type { LogTarget } from '../../hook/supervisor/supervisor-protocol.ts';
import type { NoNewPrivileges } from '../../kernel/inject-calls.ts';
import { noStoreOfLibseccomp, requireTrial } from '../define/refused-together.ts';
import { PACKAGE_VERSION } from '../version.ts';
import type { HookArguments } from './hook-arguments.ts';

/**
 * What a hook takes of its options, all but those of one stage.
 *
 * @param work - of the stage: a filter that we attach, or a configuration that we rewrite
 */
export function toChoices(
  values: HookArguments['values'],
  work: 'attach' | 'rewrite',
): ChoiceOptions & CompileChoices {
  const value = (name: string): string | undefined => textValue(values[name]);
  const [library, release, store] = [value('library'), value('table'), value('store')];
  if (library?.includes('/') === true && !library.startsWith('/')) {
    throw new OciSeccompError('ERR_USAGE', `--library takes an absolute path or a soname, not '${library}'`);
  }
  const backend = toBackend(values, work);
  if (release !== undefined) requireTableUse(values, work);
  if (values.observe === true) requireTrial(values.strict === true, backend);
  return {
    runtime: value('runtime') ?? 'runc',
    backend,
    profile: value('profile'),
    profilesDir: value('profiles-dir'),
    defaultProfile: value('default'),
    choices: value('choices'),
    engine: value('engine') as Engine | undefined,
    library,
    release,
    store: store === undefined ? undefined : { path: store, version: PACKAGE_VERSION },
    strict: values.strict === true,
    observe: values.observe === true,
  };
}

/**
 * The options of a hook that attaches a filter.
 *
 * @throws OciSeccompError `ERR_USAGE`
 */
export function toAttachOptions(values: HookArguments['values'], log: LogTarget): AttachOptions {
  requireStoreUse(values, 'attach');
  if (values.agent !== undefined) requireAgentUse(values);
  const choices = toChoices(values, 'attach');
  const recorder = textValue(values.recorder);
  if (recorder !== undefined) requireRecorderAlone(recorder, choices);
  if (recorder !== undefined && choices.observe === true) throw noTrialOfRecorder();
  return {
    ...choices,
    recorder,
    noNewPrivs: values['no-new-privs'] as NoNewPrivileges,
    allowUnverified: values['allow-unverified'] === true,
    log,
  };
}

function noTrialOfRecorder(): OciSeccompError {
  return new OciSeccompError('ERR_USAGE', '--recorder and --observe exclude each other', {
    hint: 'the recorder tries no profile: it is told of every call',
  });
}

/**
 * Refuses what an agent does not do: libseccomp stays loaded in a process that lives long, and a fault of it would end
 * the agent of all containers.
 *
 * @throws OciSeccompError `ERR_USAGE`
 */
export function requireAgentUse(values: HookArguments['values']): void {
  if (values.recorder !== undefined) {
    throw new OciSeccompError('ERR_USAGE', 'a container that is recorded is no work of the agent', {
      hint: 'leave --agent out: oci-seccomp record --container calls the hook that it needs',
    });
  }
  const other = values.library === undefined ? undefined : '--library';
  const named = values.backend === 'libseccomp' ? '--backend libseccomp' : other;
  if (named === undefined) return;
  throw new OciSeccompError('ERR_USAGE', `the agent loads no libseccomp: ${named} has no use there`, {
    hint: 'leave it out, or name the release whose names are known with --table; or let the hook work without an agent',
  });
}

/**
 * Refuses a store where nothing that we compile is used.
 *
 * @param work - of the stage: a filter that we attach, or a configuration that we rewrite
 * @throws OciSeccompError `ERR_USAGE`
 */
export function requireStoreUse(values: HookArguments['values'], work: 'attach' | 'rewrite'): void {
  if (values.store === undefined) return;
  if (values.backend === 'libseccomp') throw noStoreOfLibseccomp();
  if (work === 'attach' || values['crun-bpf'] === true) return;
  throw new OciSeccompError(
    'ERR_USAGE',
    '--store has no use here: the runtime compiles the profile in the config.json with libseccomp',
    { hint: 'with --crun-bpf crun is handed the program itself; without, leave --store out' },
  );
}

/** As `tableOf`, without loading what compiles: a container's start would wait for it. */
function requireTableUse(values: HookArguments['values'], work: 'attach' | 'rewrite'): void {
  if (work === 'rewrite' && values['crun-bpf'] !== true) {
    throw new OciSeccompError(
      'ERR_USAGE',
      '--table has no use here: the runtime compiles the profile in the config.json with the names of its libseccomp',
      { hint: 'with --crun-bpf crun is handed the program itself; without, leave --table out' },
    );
  }
  const other = values.library === undefined ? values.backend : 'library';
  if (other !== 'library' && other !== 'libseccomp') return;
  const named = other === 'library' ? '--library' : '--backend libseccomp';
  throw new OciSeccompError('ERR_USAGE', `--table and ${named} both say which names are known`, {
    hint: 'leave one of the two out: a library brings its own names',
  });
}

/** The runtime itself compiles what stands in a config.json as a profile, and that with libseccomp. */
function toBackend(values: HookArguments['values'], work: 'attach' | 'rewrite'): BackendName {
  const asked = textValue(values.backend) as BackendName | undefined;
  if (work === 'attach' || values['crun-bpf'] === true) return asked ?? 'builtin';
  if (asked === 'builtin') {
    throw new OciSeccompError(
      'ERR_USAGE',
      '--backend builtin has no use here: the runtime compiles the profile in the config.json with libseccomp',
      { hint: 'with --crun-bpf crun is handed the program itself; without, leave --backend out' },
    );
  }
  return 'libseccomp';
}

/** The value of an option that takes one. */
export function textValue(value: string | true | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
