/**
 * Names of the commands of keyctl, bpf, perf, io_uring and other kernel facilities.
 *
 * Values are x86_64's; `differs` says what other architectures have instead, null what they lack.
 * Source: the headers each set names, Linux 7.2 (uapi) or, where the kernel exports none, glibc's.
 * @module
 */
import type { NameSet } from './name-set.ts';

/** keyctl(2): op. */
export const keyOperations = {
  headers: ['linux/keyctl.h'],
  values: {
    KEYCTL_GET_KEYRING_ID: 0,
    KEYCTL_JOIN_SESSION_KEYRING: 1,
    KEYCTL_UPDATE: 2,
    KEYCTL_REVOKE: 3,
    KEYCTL_CHOWN: 4,
    KEYCTL_SETPERM: 5,
    KEYCTL_DESCRIBE: 6,
    KEYCTL_CLEAR: 7,
    KEYCTL_LINK: 8,
    KEYCTL_UNLINK: 9,
    KEYCTL_SEARCH: 10,
    KEYCTL_READ: 11,
    KEYCTL_INSTANTIATE: 12,
    KEYCTL_NEGATE: 13,
    KEYCTL_SET_REQKEY_KEYRING: 14,
    KEYCTL_SET_TIMEOUT: 15,
    KEYCTL_ASSUME_AUTHORITY: 16,
    KEYCTL_GET_SECURITY: 17,
    KEYCTL_SESSION_TO_PARENT: 18,
    KEYCTL_REJECT: 19,
    KEYCTL_INSTANTIATE_IOV: 20,
    KEYCTL_INVALIDATE: 21,
    KEYCTL_GET_PERSISTENT: 22,
    KEYCTL_DH_COMPUTE: 23,
    KEYCTL_PKEY_QUERY: 24,
    KEYCTL_PKEY_ENCRYPT: 25,
    KEYCTL_PKEY_DECRYPT: 26,
    KEYCTL_PKEY_SIGN: 27,
    KEYCTL_PKEY_VERIFY: 28,
    KEYCTL_RESTRICT_KEYRING: 29,
    KEYCTL_MOVE: 30,
    KEYCTL_CAPABILITIES: 31,
    KEYCTL_WATCH_KEY: 32,
  },
} as const satisfies NameSet;

/** keyrings(7): keyrings by a number that is no serial. */
export const keyrings = {
  headers: ['linux/keyctl.h'],
  values: {
    KEY_SPEC_REQUESTOR_KEYRING: -8,
    KEY_SPEC_REQKEY_AUTH_KEY: -7,
    KEY_SPEC_GROUP_KEYRING: -6,
    KEY_SPEC_USER_SESSION_KEYRING: -5,
    KEY_SPEC_USER_KEYRING: -4,
    KEY_SPEC_SESSION_KEYRING: -3,
    KEY_SPEC_PROCESS_KEYRING: -2,
    KEY_SPEC_THREAD_KEYRING: -1,
  },
} as const satisfies NameSet;

/** bpf(2): cmd. */
export const bpfCommands = {
  headers: ['linux/bpf.h'],
  values: {
    BPF_MAP_CREATE: 0,
    BPF_MAP_LOOKUP_ELEM: 1,
    BPF_MAP_UPDATE_ELEM: 2,
    BPF_MAP_DELETE_ELEM: 3,
    BPF_MAP_GET_NEXT_KEY: 4,
    BPF_PROG_LOAD: 5,
    BPF_OBJ_PIN: 6,
    BPF_OBJ_GET: 7,
    BPF_PROG_ATTACH: 8,
    BPF_PROG_DETACH: 9,
    BPF_PROG_TEST_RUN: 10,
    BPF_PROG_RUN: 10,
    BPF_PROG_GET_NEXT_ID: 11,
    BPF_MAP_GET_NEXT_ID: 12,
    BPF_PROG_GET_FD_BY_ID: 13,
    BPF_MAP_GET_FD_BY_ID: 14,
    BPF_OBJ_GET_INFO_BY_FD: 15,
    BPF_PROG_QUERY: 16,
    BPF_RAW_TRACEPOINT_OPEN: 17,
    BPF_BTF_LOAD: 18,
    BPF_BTF_GET_FD_BY_ID: 19,
    BPF_TASK_FD_QUERY: 20,
    BPF_MAP_LOOKUP_AND_DELETE_ELEM: 21,
    BPF_MAP_FREEZE: 22,
    BPF_BTF_GET_NEXT_ID: 23,
    BPF_MAP_LOOKUP_BATCH: 24,
    BPF_MAP_LOOKUP_AND_DELETE_BATCH: 25,
    BPF_MAP_UPDATE_BATCH: 26,
    BPF_MAP_DELETE_BATCH: 27,
    BPF_LINK_CREATE: 28,
    BPF_LINK_UPDATE: 29,
    BPF_LINK_GET_FD_BY_ID: 30,
    BPF_LINK_GET_NEXT_ID: 31,
    BPF_ENABLE_STATS: 32,
    BPF_ITER_CREATE: 33,
    BPF_LINK_DETACH: 34,
    BPF_PROG_BIND_MAP: 35,
    BPF_TOKEN_CREATE: 36,
    BPF_PROG_STREAM_READ_BY_FD: 37,
  },
} as const satisfies NameSet;

/** perf_event_open(2): flags. */
export const perfFlags = {
  headers: ['linux/perf_event.h'],
  values: {
    PERF_FLAG_FD_NO_GROUP: 1,
    PERF_FLAG_FD_OUTPUT: 2,
    PERF_FLAG_PID_CGROUP: 4,
    PERF_FLAG_FD_CLOEXEC: 8,
  },
} as const satisfies NameSet;

/** io_uring_register(2): opcode. */
export const ringRegistrations = {
  headers: ['linux/io_uring.h'],
  values: {
    IORING_REGISTER_BUFFERS: 0,
    IORING_UNREGISTER_BUFFERS: 1,
    IORING_REGISTER_FILES: 2,
    IORING_UNREGISTER_FILES: 3,
    IORING_REGISTER_EVENTFD: 4,
    IORING_UNREGISTER_EVENTFD: 5,
    IORING_REGISTER_FILES_UPDATE: 6,
    IORING_REGISTER_EVENTFD_ASYNC: 7,
    IORING_REGISTER_PROBE: 8,
    IORING_REGISTER_PERSONALITY: 9,
    IORING_UNREGISTER_PERSONALITY: 10,
    IORING_REGISTER_RESTRICTIONS: 11,
    IORING_REGISTER_ENABLE_RINGS: 12,
    IORING_REGISTER_FILES2: 13,
    IORING_REGISTER_FILES_UPDATE2: 14,
    IORING_REGISTER_BUFFERS2: 15,
    IORING_REGISTER_BUFFERS_UPDATE: 16,
    IORING_REGISTER_IOWQ_AFF: 17,
    IORING_UNREGISTER_IOWQ_AFF: 18,
    IORING_REGISTER_IOWQ_MAX_WORKERS: 19,
    IORING_REGISTER_RING_FDS: 20,
    IORING_UNREGISTER_RING_FDS: 21,
    IORING_REGISTER_PBUF_RING: 22,
    IORING_UNREGISTER_PBUF_RING: 23,
    IORING_REGISTER_SYNC_CANCEL: 24,
    IORING_REGISTER_FILE_ALLOC_RANGE: 25,
    IORING_REGISTER_PBUF_STATUS: 26,
    IORING_REGISTER_NAPI: 27,
    IORING_UNREGISTER_NAPI: 28,
    IORING_REGISTER_CLOCK: 29,
    IORING_REGISTER_CLONE_BUFFERS: 30,
    IORING_REGISTER_SEND_MSG_RING: 31,
    IORING_REGISTER_ZCRX_IFQ: 32,
    IORING_REGISTER_RESIZE_RINGS: 33,
    IORING_REGISTER_MEM_REGION: 34,
    IORING_REGISTER_QUERY: 35,
    IORING_REGISTER_ZCRX_CTRL: 36,
    IORING_REGISTER_BPF_FILTER: 37,
  },
} as const satisfies NameSet;

/** io_uring_enter(2): flags. */
export const ringEnterFlags = {
  headers: ['linux/io_uring.h'],
  values: {
    IORING_ENTER_GETEVENTS: 1,
    IORING_ENTER_SQ_WAKEUP: 2,
    IORING_ENTER_SQ_WAIT: 4,
    IORING_ENTER_EXT_ARG: 8,
    IORING_ENTER_REGISTERED_RING: 0x10,
    IORING_ENTER_ABS_TIMER: 0x20,
    IORING_ENTER_EXT_ARG_REG: 0x40,
    IORING_ENTER_NO_IOWAIT: 0x80,
  },
} as const satisfies NameSet;

/** landlock_create_ruleset(2): flags. */
export const landlockRulesetFlags = {
  headers: ['linux/landlock.h'],
  values: { LANDLOCK_CREATE_RULESET_VERSION: 1, LANDLOCK_CREATE_RULESET_ERRATA: 2 },
} as const satisfies NameSet;

/** landlock_add_rule(2): rule_type. */
export const landlockRules = {
  headers: ['linux/landlock.h'],
  values: { LANDLOCK_RULE_PATH_BENEATH: 1, LANDLOCK_RULE_NET_PORT: 2 },
} as const satisfies NameSet;

/** userfaultfd(2): a flag beside O_CLOEXEC and O_NONBLOCK. */
export const userfaultFlags = {
  headers: ['linux/userfaultfd.h'],
  values: { UFFD_USER_MODE_ONLY: 1 },
} as const satisfies NameSet;

/** finit_module(2): flags. */
export const moduleFlags = {
  headers: ['linux/module.h'],
  values: {
    MODULE_INIT_IGNORE_MODVERSIONS: 1,
    MODULE_INIT_IGNORE_VERMAGIC: 2,
    MODULE_INIT_COMPRESSED_FILE: 4,
  },
} as const satisfies NameSet;

/** kexec_load(2): flags. */
export const kexecFlags = {
  headers: ['linux/kexec.h'],
  values: { KEXEC_ON_CRASH: 1, KEXEC_PRESERVE_CONTEXT: 2 },
} as const satisfies NameSet;

/** kexec_file_load(2): flags. */
export const kexecFileFlags = {
  headers: ['linux/kexec.h'],
  values: { KEXEC_FILE_UNLOAD: 1, KEXEC_FILE_ON_CRASH: 2, KEXEC_FILE_NO_INITRAMFS: 4 },
} as const satisfies NameSet;

/** ioprio_get(2): which. */
export const ioPriorityWho = {
  headers: ['linux/ioprio.h'],
  values: { IOPRIO_WHO_PROCESS: 1, IOPRIO_WHO_PGRP: 2, IOPRIO_WHO_USER: 3 },
} as const satisfies NameSet;
