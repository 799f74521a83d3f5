/**
 * The public API: a seccomp profile goes in, the filter that a runtime would install comes out.
 *
 *     text ─readProfile→ Profile ─resolveProfile→ LinuxSeccomp ─lowerProfile→ Policy ─compilePolicy→ Program ─emitFilter→ bytes
 *                                                                  └─decidePolicy→ Node ←decideProgram─┘
 *
 * @module
 */
export {
  type ActionInfo,
  type ActionKind,
  actionByOciAction,
  actions,
  type OciAction,
  parseReturnWord,
  type ReturnWord,
  returnWord,
} from './abi/actions.ts';
export {
  type Architecture,
  type ArchName,
  allArchitectures,
  architectures,
  type Endian,
  findArchitecture,
} from './abi/architectures.ts';
export { type CapabilitySet, capabilities, capabilitySets } from './abi/capabilities.ts';
export { errnoByName, errnoName, formatErrno } from './abi/errno.ts';
export type { OciFlag } from './abi/flags.ts';
export type { Comparison, Operator } from './abi/operators.ts';
export { effectiveReturnWord, formatReturnWord, isUnknownAction, severityOf } from './abi/return-word.ts';
export type { SeccompData } from './abi/seccomp-data.ts';
export { allSyscallNames, isPseudo, syscallName, syscallNumber, tableSource } from './abi/syscalls.ts';
export { type AssembleOptions, assemble } from './bpf/assemble.ts';
export { type BasicBlock, basicBlocks, controlFlowDot } from './bpf/control-flow.ts';
export { type DecodedInstruction, decodeInstructions } from './bpf/decode.ts';
export { disassemble } from './bpf/disassemble.ts';
export { decodeProgram, encodeProgram, type Program, type SockFilter } from './bpf/program.ts';
export {
  type ProgramForm,
  type ReadProgramOptions,
  type ReadProgramResult,
  readProgram,
} from './bpf/read-program.ts';
export {
  type PreparedProgram,
  type PrepareOptions,
  prepareProgram,
  type RunResult,
  type Trace,
  type TraceStep,
} from './bpf/simulate.ts';
export type { TextProblem, TextProblemCode } from './bpf/text-problem.ts';
export { type ProgramProblem, type ProgramProblemCode, verifyProgram } from './bpf/verify.ts';
export { type Claim, type ClaimInput, type Hashed, makeClaim } from './compile/claim.ts';
export { claimRows, formatClaim } from './compile/claim-text.ts';
export {
  type BackendName,
  type CompiledFilter,
  type CompileOptions,
  compilePolicy,
} from './compile/compile.ts';
export type { Contradiction, ContradictionCause } from './compile/contradictions.ts';
export type { Deviation } from './compile/deviation.ts';
export { type EmitFormat, emitFilter, emitFormats, type Provenance } from './compile/emit.ts';
export { type HazardRule, isHazardous } from './compile/hazard.ts';
export { type Counterexample, type Proof, type ProofInput, proveProgram } from './compile/prove.ts';
export type { RuleAccount } from './compile/rule-account.ts';
export type { SkipEffect, SkippedName } from './compile/skipped-names.ts';
export { tryGuesses, type Verification, type VerifyInput, verifyPrograms } from './compile/verify.ts';
export type { Weakness, WeaknessKind } from './compile/weaknesses.ts';
export {
  type Answer,
  answerCall,
  type DecidableProgram,
  decidePrograms,
} from './decision/answer.ts';
export { type CompanyDifference, findCompanyDifference } from './decision/company.ts';
export { type Conflict, findConflicts } from './decision/conflicts.ts';
export {
  type ArgumentTest,
  type Case,
  type Description,
  describeArguments,
  type ValueTest,
} from './decision/describe.ts';
export {
  type ArchDifference,
  type Change,
  type ChangeKind,
  findDifferences,
  hasRelation,
  type NumberRange,
  type Sighting,
  withRelations,
} from './decision/difference.ts';
export {
  formatCall,
  formatComparison,
  formatOutcome,
  formatTest,
  formatTests,
  formatValue,
} from './decision/format.ts';
export { type ComparisonResult, comparisonHolds, matchRules, type RuleMatch } from './decision/match.ts';
export { type PartialCall, restrictCall } from './decision/partial.ts';
export { decidePolicy } from './decision/policy.ts';
export { decideProgram } from './decision/program.ts';
export { compareOutcomes, type Relation, strictestOf, whereRelated } from './decision/relate.ts';
export { cutByCall, type Part, type Slice } from './decision/slices.ts';
export {
  createSpace,
  type Node as DecisionNode,
  type Outcome,
  type Space,
  type SpaceOptions,
} from './decision/space.ts';
export { evaluate, findWitness } from './decision/witness.ts';
export { type ErrorCode, type ErrorDetails, errorCodes, OciSeccompError } from './errors.ts';
export { type KernelFeatures, kernelFeatures, seccompActionsAvailable } from './kernel/features.ts';
export { machineArch, machineKernelRelease } from './kernel/machine.ts';
export {
  groupThreads,
  type ProcessFilter,
  type ReadFiltersOptions,
  readProcessFilters,
  readThreadFilters,
  type ThreadFilters,
  type ThreadGroup,
} from './kernel/process-filters.ts';
export { type Advisory, advisoriesFor } from './libseccomp/advisories.ts';
export {
  formatVersion,
  type Library,
  type LibraryVersion,
  openLibrary,
} from './libseccomp/library.ts';
export { librarySyscallTable } from './libseccomp/syscall.ts';
export type { Edit, Finding, Fix, Level, Range, RelatedPlace, Witness } from './lint/finding.ts';
export type { LintCompiler } from './lint/host-view.ts';
export { type LintOptions, type LintResult, lintProfile, lintProfiles } from './lint/lint.ts';
export { allRules as lintRules } from './lint/registry.ts';
export type { LintRule, RuleGroup } from './lint/rule.ts';
export { type FindBase, mergeBase, withBases } from './oci/base-profile.ts';
export { type BuiltinName, builtinProfiles, isBuiltinName } from './oci/builtin/index.ts';
export { type Consumer, type Engine, engines, type RuntimeFamily } from './oci/consumers.ts';
export type { Document, Node, Position } from './oci/document.ts';
export { type Host, type KernelVersion, parseKernelVersion } from './oci/host.ts';
export type { LinuxSeccomp, LinuxSeccompArg, LinuxSyscall } from './oci/linux-seccomp.ts';
export { blocks, type Problem, type ProblemCode, problemInfo, type Severity } from './oci/problems.ts';
export type { Dialect, Place, Profile, ProfileArg, ProfileRule, RuleConditions } from './oci/profile.ts';
export { readDocument } from './oci/read-json.ts';
export {
  type KubernetesObject,
  type ReadObjectResult,
  readProfiles,
} from './oci/read-profiles.ts';
export { type ResolveStep, resolveReasons } from './oci/resolve/steps.ts';
export { type Resolution, type ResolveOptions, resolveProfile } from './oci/resolve.ts';
export { serializeLinuxSeccomp, serializeProfile } from './oci/serialize.ts';
export { type ObjectNames, serializeSeccompProfile } from './oci/serialize-kubernetes.ts';
export { readProfile } from './oci/validate.ts';
export { answeredByStub } from './policy/enosys.ts';
export { type ArchPolicy, type ArchRule, expandPolicy } from './policy/expand.ts';
export { type Lowered, type LowerOptions, type LowerStep, lowerProfile } from './policy/lower.ts';
export type { EnosysSection, Policy, PolicyRule, SyscallTable } from './policy/policy.ts';
export { type RuleFate, type RuleTrace, traceRules } from './policy/rule-trace.ts';
export { formatRuntime, parseRuntime, type Runtime, type RuntimeTraits } from './policy/runtimes.ts';
