/**
 * The features of seccomp(2) in the running kernel.
 *
 * Source: seccomp(2), Linux 6.18 include/uapi/linux/seccomp.h.
 * @module
 */
import { type ActionKind, actions } from '../abi/actions.ts';
import type { ArchName } from '../abi/architectures.ts';
import { EFAULT } from '../abi/errno-constants.ts';
import { filterFlags, internalFlagBits, type OciFlag } from '../abi/flags.ts';
import { loadKoffi } from '../ffi.ts';
import { bindSeccomp, SECCOMP_SET_MODE_FILTER } from './seccomp.ts';
import { machineArch } from './this-machine.ts';

const SECCOMP_GET_ACTION_AVAIL = 2;
const SECCOMP_GET_NOTIF_SIZES = 3;

/** `struct seccomp_notif`, `seccomp_notif_resp` and `seccomp_data` as include/uapi/linux/seccomp.h has them. */
const KNOWN_SIZES = { request: 80, response: 24, data: 64 } as const;

/** What of seccomp the running kernel knows (seccomp(2), SECCOMP_GET_ACTION_AVAIL). */
export interface KernelFeatures {
  /** Whether the kernel knows each action. */
  readonly actions: Readonly<Record<ActionKind, boolean>>;
  /** Whether the kernel takes each flag. */
  readonly flags: Readonly<Record<OciFlag, boolean>>;
  /**
   * Sizes in bytes of the kernel's notification records, and whether they are those known here; a larger one is a
   * newer kernel's, which fills in what older programs know. `undefined` before Linux 5.0.
   */
  readonly notification: NotificationSizes | undefined;
}

/** Sizes of the records of SECCOMP_RET_USER_NOTIF (seccomp(2), SECCOMP_GET_NOTIF_SIZES). */
export interface NotificationSizes {
  /** Bytes of `struct seccomp_notif`. */
  readonly request: number;
  /** Bytes of `struct seccomp_notif_resp`. */
  readonly response: number;
  /** Bytes of `struct seccomp_data`. */
  readonly data: number;
  /** Whether they are those that are known here. */
  readonly match: boolean;
}

/**
 * Asks the kernel which actions and filter flags it knows. Installs nothing.
 *
 * @throws OciSeccompError `ERR_FFI` if koffi cannot be loaded
 */
export function kernelFeatures(arch: ArchName = machineArch()): KernelFeatures {
  const seccomp = bindSeccomp(arch);
  const action = (kind: ActionKind): boolean =>
    seccomp(SECCOMP_GET_ACTION_AVAIL, 0, Uint32Array.of(actions[kind].word)) === 0;
  // Without a program the call fails in any case: EFAULT once the flags are accepted, EINVAL before.
  const flag = (name: OciFlag): boolean => {
    const companion =
      name === 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'
        ? internalFlagBits.SECCOMP_FILTER_FLAG_NEW_LISTENER
        : 0;
    seccomp(SECCOMP_SET_MODE_FILTER, filterFlags[name].bit | companion, null);
    return loadKoffi().errno() === EFAULT;
  };
  // struct seccomp_notif_sizes: notif u16 @0, resp u16 @2, data u16 @4.
  const sizes = new Uint16Array(3);
  const hasSizes = seccomp(SECCOMP_GET_NOTIF_SIZES, 0, sizes) === 0;
  return {
    actions: mapKeys(actions, action),
    flags: mapKeys(filterFlags, flag),
    notification: hasSizes ? toSizes(sizes) : undefined,
  };
}

/**
 * The actions this kernel knows, strictest first, as `/proc/sys/kernel/seccomp/actions_avail` lists them.
 *
 * @throws OciSeccompError `ERR_FFI` if koffi cannot be loaded
 */
export function seccompActionsAvailable(): readonly ActionKind[] {
  const available = kernelFeatures().actions;
  return (Object.keys(available) as ActionKind[]).filter((kind) => available[kind]);
}

function toSizes([request = 0, response = 0, data = 0]: Uint16Array): NotificationSizes {
  const match =
    request === KNOWN_SIZES.request && response === KNOWN_SIZES.response && data === KNOWN_SIZES.data;
  return { request, response, data, match };
}

function mapKeys<K extends string>(
  table: Readonly<Record<K, unknown>>,
  ask: (key: K) => boolean,
): Record<K, boolean> {
  const keys = Object.keys(table) as K[];
  return Object.fromEntries(keys.map((key) => [key, ask(key)])) as Record<K, boolean>;
}
