/**
 * The stages of a container's start at which a hook can be called, and what we can do at each.
 *
 * Sources: runtime-spec 1.3 config.md#posix-platform-hooks; oci-hooks(5) (`precreate` is an extension of Podman).
 * @module
 */
import { OciSeccompError } from '../errors.ts';

/** `attach`: the filter goes to the container's first process; `rewrite`: into the config.json; `none`: too early or late. */
type StageWork = 'attach' | 'rewrite' | 'none';

interface StageInfo {
  readonly work: StageWork;
  /** Why a stage has no work, as the second half of a sentence. */
  readonly why?: string;
}

const stages = {
  prestart: { work: 'attach' },
  createRuntime: { work: 'attach' },
  precreate: { work: 'rewrite' },
  createContainer: {
    work: 'none',
    why: "runs inside the container's namespaces, where the process to filter has another number and cannot be traced",
  },
  startContainer: {
    work: 'none',
    why: "runs inside the container and under the runtime's own filter, as another process than the one to filter",
  },
  poststart: { work: 'none', why: "runs when the container's program already runs without a filter" },
  poststop: { work: 'none', why: 'runs when the container has ended' },
} as const satisfies Record<string, StageInfo>;

type Stage = keyof typeof stages;
/** Stages that give a container its filter. */
export type UsefulStage = { [S in Stage]: (typeof stages)[S]['work'] extends 'none' ? never : S }[Stage];

/** All stages of runtime-spec and Podman. */
export const stageNames = Object.keys(stages) as readonly Stage[];

const ADVICE =
  'use createRuntime (or prestart, for runtimes older than runtime-spec 1.0.2), or precreate with Podman';

/**
 * Finds a stage that can give a container its filter.
 *
 * @throws OciSeccompError `ERR_USAGE` for an unknown stage, and for a stage where a hook can do nothing: the message
 * says why
 */
export function requireUsefulStage(name: string): {
  readonly stage: UsefulStage;
  readonly work: 'attach' | 'rewrite';
} {
  if (!Object.hasOwn(stages, name)) {
    throw new OciSeccompError('ERR_USAGE', `'${name}' is not a stage of a hook`, {
      hint: `${ADVICE}; oci-seccomp hook --help lists what else a hook takes`,
    });
  }
  const stage = name as Stage;
  const row: StageInfo = stages[stage];
  if (row.work === 'none') {
    throw new OciSeccompError('ERR_USAGE', `a ${stage} hook cannot set a filter: it ${row.why ?? ''}`, {
      hint: ADVICE,
    });
  }
  return { stage: stage as UsefulStage, work: row.work };
}
