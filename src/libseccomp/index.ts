/**
 * libseccomp for Node: `import { Filter, allow, errno } from 'oci-seccomp/libseccomp'`.
 *
 * It has everything that libseccomp 2.6.1 offers, and works with 2.5.0 and newer. docs/libseccomp.md maps each member of the C,
 * Python, Perl and Go interfaces to its name here. Importing opens no library; the first call that needs it does.
 * @module
 */
export type { OciAction, ReturnWord } from '../abi/actions.ts';
export { type Architecture, type ArchName, architectures } from '../abi/architectures.ts';
export {
  type ErrorCode,
  type ErrorDetails,
  type ErrorDetailsByCode,
  OciSeccompError,
  type OciSeccompErrorJson,
  type OciSeccompErrorOf,
} from '../errors.ts';
export {
  type Action,
  actionData,
  allow,
  errno,
  formatAction,
  fromNative as actionFromNative,
  fromOci as actionFromOci,
  kill,
  killProcess,
  killThread,
  log,
  notify,
  type PlainKind,
  toNative as actionToNative,
  toOci as actionToOci,
  trace,
  trap,
  withActionData,
} from './action.ts';
export { type Advisory, advisoriesFor } from './advisories.ts';
export { apiLevel, resetGlobalState, setApiLevel, systemArch, version } from './api.ts';
export {
  type ArchSpelling,
  findArch,
  fromNative as archFromNative,
  SCMP_ARCH_NATIVE,
  toNative as archToNative,
} from './arch.ts';
export { type AttributeInfo, type AttributeName, type AttributeValue, attributes } from './attribute.ts';
export type {
  ComparisonInput,
  MaskedComparisonInput,
  MaskedSpelling,
  OperatorSpelling,
  PlainComparisonInput,
  U64Input,
} from './comparison.ts';
export type { ExportTarget } from './export.ts';
export { Filter } from './filter.ts';
export {
  formatVersion,
  type Library,
  type LibraryOption,
  type LibraryVersion,
  nativeArch,
  openLibrary,
} from './library.ts';
export type { LoadOptions } from './load-filter.ts';
export {
  type AddFdOptions,
  addNotificationFd,
  isNotificationValid,
  type NotificationOptions,
  type NotifyRequest,
  notifications,
  receiveNotification,
  respondNotification,
} from './notify.ts';
export type { NotificationHandler } from './notify-loop.ts';
export type { NotifyResponse } from './notify-response.ts';
export {
  type NotificationServer,
  type ServedCount,
  type ServeOptions,
  serveNotifications,
} from './notify-serve.ts';
export type { NativeFunction, SymbolName } from './symbols.ts';
export { resolveSyscall, resolveSyscallRewrite } from './syscall.ts';
