/**
 * What can be wrong with a profile's text: one row a code.
 * @module
 */

/** How much a problem matters; `severity` of `Problem` says what each means. */
export type Severity = 'error' | 'warning' | 'note';

/**
 * - `syntax`: the text is not JSON, or JSON that readers disagree on
 * - `schema`: a value is not of the form the dialect demands
 * - `semantics`: well-formed, but rejected, ignored or changed by a reader
 */
export type ProblemCategory = 'syntax' | 'schema' | 'semantics';

/** What is always so of problems of one code. */
export interface ProblemInfo {
  /** What reading found it. */
  readonly category: ProblemCategory;
  /** Severity, unless the single case sets another one. */
  readonly severity: Severity;
  /** One line, for lists of codes. */
  readonly title: string;
}

/** What kind of problem it is; stable. */
export type ProblemCode =
  | 'too-large'
  | 'too-deep'
  | 'invalid-utf8'
  | 'empty-document'
  | 'yaml-document'
  | 'invalid-json'
  | 'invalid-yaml'
  | 'comment'
  | 'trailing-comma'
  | 'control-character'
  | 'lone-surrogate'
  | 'byte-order-mark'
  | 'duplicate-key'
  | 'key-case'
  | 'more-problems'
  | 'foreign-file'
  | 'not-a-profile'
  | 'kubernetes-dialect'
  | 'kubernetes-version'
  | 'workload-unconfined'
  | 'workload-profile-missing'
  | 'workload-profile-ignored'
  | 'workload-refused'
  | 'workload-unread'
  | 'wrong-type'
  | 'missing-key'
  | 'unknown-key'
  | 'wrong-dialect-key'
  | 'unknown-action'
  | 'unknown-operator'
  | 'unknown-architecture'
  | 'unknown-flag'
  | 'not-an-integer'
  | 'value-out-of-range'
  | 'seccomp-off'
  | 'missing-default-action'
  | 'missing-names'
  | 'empty-names'
  | 'empty-name'
  | 'name-and-names'
  | 'architectures-and-arch-map'
  | 'native-architecture'
  | 'runtime-architecture'
  | 'mixed-byte-order'
  | 'errno-not-taken'
  | 'errno-out-of-range'
  | 'errno-truncated'
  | 'unknown-errno'
  | 'index-out-of-range'
  | 'repeated-index'
  | 'too-many-args'
  | 'value-two-ignored'
  | 'value-outside-mask'
  | 'mask-zero'
  | 'mask-swapped'
  | 'notify-default'
  | 'notify-write'
  | 'notify-without-listener'
  | 'relative-listener-path'
  | 'listener-without-notify'
  | 'listener-metadata-alone'
  | 'flag-without-listener'
  | 'flag-with-listener'
  | 'speculation-allowed'
  | 'unknown-capability'
  | 'unknown-condition-arch'
  | 'malformed-min-kernel'
  | 'unknown-syscall'
  | 'rule-is-default'
  | 'cannot-start'
  | 'profile-disabled'
  | 'ignored-setting'
  | 'filter-not-read'
  | 'rule-left-out'
  | 'invalid-policy'
  | 'unit-refused';

/** Every code a {@link Problem} can carry. */
export const problemInfo = {
  'too-large': { category: 'syntax', severity: 'error', title: 'The text is larger than a profile can be' },
  'too-deep': {
    category: 'syntax',
    severity: 'error',
    title: 'Values are nested deeper than a profile can be',
  },
  'invalid-utf8': { category: 'syntax', severity: 'error', title: 'The bytes are not UTF-8' },
  'empty-document': { category: 'syntax', severity: 'error', title: 'The text has no value' },
  'yaml-document': { category: 'syntax', severity: 'error', title: 'The text is YAML' },
  'invalid-json': { category: 'syntax', severity: 'error', title: 'The text is not JSON' },
  'invalid-yaml': { category: 'syntax', severity: 'error', title: 'The text is not YAML' },
  comment: { category: 'syntax', severity: 'error', title: 'JSON has no comments' },
  'trailing-comma': { category: 'syntax', severity: 'error', title: 'No value follows a comma' },
  'control-character': {
    category: 'syntax',
    severity: 'error',
    title: 'A string holds an unescaped control character',
  },
  'lone-surrogate': {
    category: 'syntax',
    severity: 'warning',
    title: 'A string holds half a surrogate pair',
  },
  'byte-order-mark': {
    category: 'syntax',
    severity: 'error',
    title: 'JSON begins with a byte-order mark',
  },
  'duplicate-key': { category: 'syntax', severity: 'warning', title: 'A key is given twice' },
  'key-case': { category: 'syntax', severity: 'warning', title: 'A key is spelled in another letter case' },
  'more-problems': {
    category: 'syntax',
    severity: 'error',
    title: 'There are more problems than are listed',
  },
  'foreign-file': {
    category: 'schema',
    severity: 'error',
    title: 'The file is of another known kind, not a profile',
  },
  'not-a-profile': { category: 'schema', severity: 'error', title: 'The document is not a seccomp profile' },
  'kubernetes-dialect': {
    category: 'schema',
    severity: 'error',
    title: 'The Kubernetes object holds no profile',
  },
  'kubernetes-version': {
    category: 'schema',
    severity: 'warning',
    title: 'No known version of the SeccompProfile API',
  },
  'workload-unconfined': {
    category: 'semantics',
    severity: 'warning',
    title: 'A container runs without a seccomp filter',
  },
  'workload-profile-missing': {
    category: 'semantics',
    severity: 'error',
    title: 'A container names a profile that is not there',
  },
  'workload-profile-ignored': {
    category: 'semantics',
    severity: 'warning',
    title: 'A profile is named in a way that has no effect',
  },
  'workload-refused': {
    category: 'semantics',
    severity: 'error',
    title: 'Kubernetes refuses what a pod says about its profile',
  },
  'workload-unread': {
    category: 'semantics',
    severity: 'warning',
    title: 'An object of an unknown kind has containers that were not looked at',
  },
  'wrong-type': { category: 'schema', severity: 'error', title: 'A value has the wrong type' },
  'missing-key': { category: 'schema', severity: 'error', title: 'A required key is missing' },
  'unknown-key': { category: 'schema', severity: 'error', title: 'A key has no meaning and is ignored' },
  'wrong-dialect-key': {
    category: 'schema',
    severity: 'error',
    title: 'A key of another dialect is ignored',
  },
  'unknown-action': { category: 'schema', severity: 'error', title: 'No such action' },
  'unknown-operator': { category: 'schema', severity: 'error', title: 'No such comparison operator' },
  'unknown-architecture': { category: 'schema', severity: 'error', title: 'No such architecture' },
  'unknown-flag': { category: 'schema', severity: 'error', title: 'No such filter flag' },
  'not-an-integer': { category: 'schema', severity: 'error', title: 'A number is not written as an integer' },
  'value-out-of-range': { category: 'schema', severity: 'error', title: 'A number is out of range' },
  'seccomp-off': { category: 'semantics', severity: 'warning', title: 'The profile turns seccomp off' },
  'missing-default-action': {
    category: 'semantics',
    severity: 'error',
    title: 'There are rules but no default action',
  },
  'missing-names': { category: 'semantics', severity: 'error', title: 'A rule names no system call' },
  'empty-names': { category: 'semantics', severity: 'warning', title: 'A rule has an empty list of names' },
  'empty-name': { category: 'semantics', severity: 'error', title: 'A system call name is empty' },
  'name-and-names': { category: 'semantics', severity: 'error', title: 'A rule has both name and names' },
  'architectures-and-arch-map': {
    category: 'semantics',
    severity: 'error',
    title: 'Both architectures and archMap are given',
  },
  'native-architecture': {
    category: 'semantics',
    severity: 'error',
    title: 'The runtimes do not know SCMP_ARCH_NATIVE',
  },
  'runtime-architecture': {
    category: 'semantics',
    severity: 'error',
    title: 'An architecture that not every runtime knows',
  },
  'mixed-byte-order': {
    category: 'semantics',
    severity: 'error',
    title: 'Architectures of different byte order in one filter',
  },
  'errno-not-taken': {
    category: 'semantics',
    severity: 'error',
    title: 'An errno is given for an action that takes none',
  },
  'errno-out-of-range': { category: 'semantics', severity: 'error', title: 'An errno is out of range' },
  'errno-truncated': { category: 'semantics', severity: 'warning', title: 'An errno is cut to 16 bits' },
  'unknown-errno': { category: 'semantics', severity: 'error', title: 'No such errno' },
  'index-out-of-range': {
    category: 'semantics',
    severity: 'error',
    title: 'A system call has the arguments 0 to 5',
  },
  'repeated-index': {
    category: 'semantics',
    severity: 'error',
    title: 'An argument is compared twice, and any one of the comparisons is enough',
  },
  'too-many-args': {
    category: 'semantics',
    severity: 'warning',
    title: 'A rule has more than 6 comparisons',
  },
  'value-two-ignored': {
    category: 'semantics',
    severity: 'warning',
    title: 'valueTwo has no effect with this operator',
  },
  'value-outside-mask': {
    category: 'semantics',
    severity: 'warning',
    title: 'Bits of valueTwo outside the mask are dropped',
  },
  'mask-zero': {
    category: 'semantics',
    severity: 'warning',
    title: 'A mask of 0 makes the comparison always true',
  },
  'mask-swapped': {
    category: 'semantics',
    severity: 'error',
    title: 'Mask and value of a comparison are swapped',
  },
  'notify-default': {
    category: 'semantics',
    severity: 'error',
    title: 'SCMP_ACT_NOTIFY as the default action',
  },
  'notify-write': { category: 'semantics', severity: 'error', title: 'SCMP_ACT_NOTIFY on write' },
  'notify-without-listener': {
    category: 'semantics',
    severity: 'error',
    title: 'SCMP_ACT_NOTIFY without listenerPath',
  },
  'relative-listener-path': {
    category: 'semantics',
    severity: 'error',
    title: 'listenerPath does not start with /',
  },
  'listener-without-notify': {
    category: 'semantics',
    severity: 'warning',
    title: 'listenerPath without SCMP_ACT_NOTIFY',
  },
  'listener-metadata-alone': {
    category: 'semantics',
    severity: 'warning',
    title: 'listenerMetadata without listenerPath',
  },
  'flag-without-listener': {
    category: 'semantics',
    severity: 'error',
    title: 'A flag that the kernel takes only with a listener',
  },
  'flag-with-listener': {
    category: 'semantics',
    severity: 'error',
    title: 'A flag that the kernel refuses beside a listener',
  },
  'speculation-allowed': {
    category: 'semantics',
    severity: 'note',
    title: 'SECCOMP_FILTER_FLAG_SPEC_ALLOW leaves a mitigation out',
  },
  'unknown-capability': { category: 'semantics', severity: 'warning', title: 'No such capability' },
  'unknown-condition-arch': {
    category: 'semantics',
    severity: 'warning',
    title: 'No engine uses this name of an architecture',
  },
  'malformed-min-kernel': {
    category: 'semantics',
    severity: 'error',
    title: 'minKernel is not of the form "4.8"',
  },
  'unknown-syscall': {
    category: 'semantics',
    severity: 'warning',
    title: 'No architecture has a system call of that name',
  },
  'rule-is-default': {
    category: 'semantics',
    severity: 'note',
    title: 'A rule repeats the default action and is skipped',
  },
  'cannot-start': {
    category: 'semantics',
    severity: 'error',
    title: 'No container can start under the profile',
  },
  'profile-disabled': {
    category: 'semantics',
    severity: 'warning',
    title: 'The profile is disabled and not installed',
  },
  'ignored-setting': {
    category: 'semantics',
    severity: 'warning',
    title: 'systemd or LXC ignores a part of the file',
  },
  'filter-not-read': {
    category: 'semantics',
    severity: 'warning',
    title: 'systemd also filters for another setting',
  },
  'rule-left-out': {
    category: 'semantics',
    severity: 'warning',
    title: 'LXC leaves a rule out on some architectures',
  },
  'invalid-policy': { category: 'syntax', severity: 'error', title: 'The policy cannot be read' },
  'unit-refused': { category: 'semantics', severity: 'error', title: 'systemd does not start the service' },
} as const satisfies Record<ProblemCode, ProblemInfo>;
