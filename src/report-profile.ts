/**
 * The page about a profile. The profile is compiled, proven and linted here, and the page gets all that it needs to work alone.
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { formatKernel } from './abi/kernel-version.ts';
import { isBytes } from './abi/other-realms.ts';
import { claimRows, formatClaim } from './compile/claim-text.ts';
import {
  type BackendName,
  type CompiledFilter,
  QUESTION_TIMEOUT_MS,
  tableOf,
} from './compile/compile-policy.ts';
import type { Engine } from './consumers.ts';
import { onKernel } from './decision/answer-call.ts';
import type { Node, Space } from './decision/space.ts';
import { askApart, createWork, nextQuestion, type Work, workLeft } from './decision/work.ts';
import { type ErrorCode, OciSeccompError } from './errors.ts';
import type { LintCompiler } from './lint/ask/host-view.ts';
import { lintReadProfile } from './lint/engine/lint-profile.ts';
import { UNDECIDED_RULE } from './lint/rules/not-decided.ts';
import type { Host } from './oci/host.ts';
import { readProfile } from './oci/read-profile.ts';
import { readProfiles } from './oci/read-profiles.ts';
import { serializeProfile } from './oci/serialize.ts';
import { backendFor, compileLoaded } from './pipeline/compile-profile.ts';
import type { LoadedProfile } from './pipeline/load-profile.ts';
import { hostFor, loadInput } from './pipeline/one-call.ts';
import type { ProfileInput, ReportOptions } from './pipeline/profile-options.ts';
import { selectProfile, titleOf } from './pipeline/select-profile.ts';
import { newestTable } from './policy/newest-table.ts';
import type { SyscallTable } from './policy/policy.ts';
import { formatRuntime, type Runtime, runtimeFor } from './policy/runtimes.ts';
import { renderReport } from './report/fill-page.ts';
import { findingsForPage, profileForPage } from './report/page-input.ts';
import type { NamedProfile, ReportReading } from './report/reading.ts';
import { type CompiledProgram, type ReportClaim, type ReportData, viewOf } from './report/report-data.ts';
import { sentenceOf } from './report/sum-up.ts';
import { factsOfTable } from './report/table-facts.ts';

/** What `report-on-demand.ts` offers. */
export async function reportProfile(profile: ProfileInput, options: ReportOptions = {}): Promise<string> {
  const { against, againstName = 'the other profile', ...reading } = options;
  const { name: _, dialect: __, object: ___, ...host } = reading;
  const input = await loadInput('reportProfile', profile, reading);
  const other =
    against === undefined
      ? undefined
      : await loadInput('reportProfile', against, { ...host, name: againstName });
  const { html } = await makeReport({
    generator: 'oci-seccomp',
    input,
    text: textOf(profile),
    object: options.object,
    against: other,
    host: hostFor(input.profile, options),
    runtime: runtimeFor(options.runtime, input.profile.dialect),
    engine: options.engine,
    library: options.library,
    backend: options.backend,
    release: options.table,
    noNewPrivileges: options.noNewPrivileges,
  });
  return html;
}

function textOf(profile: ProfileInput): string | undefined {
  if (typeof profile === 'string') return profile;
  return isBytes(profile) ? new TextDecoder().decode(profile) : undefined;
}

/** What {@link makeReport} makes a report of. */
interface ReportRequest {
  /** Who writes it: name and version. */
  readonly generator: string;
  readonly input: LoadedProfile;
  /** What was read; `undefined`: the profile has no text of its own, as built-ins. */
  readonly text: string | undefined;
  /** Which of several profiles of the text. */
  readonly object?: string | undefined;
  readonly against: LoadedProfile | undefined;
  readonly host: Host;
  readonly runtime: Runtime;
  readonly engine: Engine | undefined;
  readonly library: string | undefined;
  /** Who makes the program that the page is about; default: libseccomp, or `builtin` with a release. */
  readonly backend?: BackendName | undefined;
  /** The release of libseccomp whose names are known. */
  readonly release?: string | undefined;
  readonly noNewPrivileges: boolean | undefined;
  /** For the rules that look at what libseccomp makes of the profile. */
  readonly compilers?: readonly LintCompiler[];
}

/** A page, and its first sentence. */
export interface Report {
  readonly html: string;
  readonly summary: string;
  /** What was too complex to decide; the page shows the rest. */
  readonly undecided: readonly string[];
}

/** Compiles, lints and writes. @throws OciSeccompError as {@link reportProfile} */
export async function makeReport(request: ReportRequest): Promise<Report> {
  const { generator, input, against, host, runtime, engine, noNewPrivileges } = request;
  const { profile, name } = input;
  const text = request.text ?? serializeProfile(profile);
  const reading: ReportReading = {
    arch: host.arch,
    kernel: host.kernel,
    ...(host.capabilities === undefined ? {} : { capabilities: host.capabilities }),
    runtime: formatRuntime(runtime),
    ...(engine === undefined ? {} : { engine }),
    noNewPrivileges: noNewPrivileges ?? profile.container?.noNewPrivileges ?? false,
  };
  const work = createWork(STEPS_A_REPORT);
  const { claim, compiled, table, answers, compilers } = await claimOf(request, work);
  const placed = request.text === undefined ? readProfile(text, { name }) : undefined;
  const page = { ...profileForPage(name, text, profile, placed?.profile), name: titleOf(input) };
  const findings = await lint({ ...request, compilers }, text, reading, work);
  const other: NamedProfile | undefined =
    against === undefined ? undefined : { name: titleOf(against), profile: against.profile };
  const data: ReportData = {
    generator,
    profile: page,
    reading,
    table,
    claim,
    ...(compiled === undefined ? {} : { compiled }),
    findings,
    view: viewOf({ profile: page, reading, table, findings, against: other, work, answers }),
    ...(other === undefined ? {} : { against: other }),
  };
  const isIncomplete = findings.some(({ rule }) => rule === UNDECIDED_RULE);

  const html = renderReport(readFileSync(templatePath(), 'utf8'), data);
  return {
    html,
    summary: sentenceOf(data.view.counts)
      .map((phrase) => phrase.text)
      .join(''),
    undecided: [...data.view.undecided, ...(isIncomplete ? ['whether lint finds more'] : [])],
  };
}

/** Steps for all questions of a report: about two seconds. */
const STEPS_A_REPORT = 8_000_000;
/** Shares: of these steps for the proof of the filter, and of the steps that are then left for lint. */
const SHARE_OF_PROOF = 0.3;
const SHARE_OF_LINT = 0.5;

async function lint(request: ReportRequest, text: string, reading: ReportReading, work: Work) {
  const { input, host, runtime, engine, compilers, object } = request;
  const { dialect } = input.profile;
  const found = await readProfiles(text, { name: input.name, dialect });
  const read = selectProfile(found, input.name, { object });
  const options = {
    name: input.name,
    hosts: [host],
    runtimes: [formatRuntime(runtime)],
    noNewPrivileges: reading.noNewPrivileges,
    // A hole that came with a default counts too.
    inherited: 'among' as const,
    engine,
    compilers,
  };
  const { findings } = await askApart(work, SHARE_OF_LINT * workLeft(work), (part) =>
    lintReadProfile(read, options, part),
  );
  return findingsForPage(findings);
}

interface Claimed {
  readonly claim: ReportClaim;
  readonly compiled?: CompiledProgram;
  readonly table: ReturnType<typeof factsOfTable>;
  /** What the program does; `undefined` if there is no program. */
  readonly answers: { readonly space: Space; readonly root: Node } | undefined;
  /** For lint. */
  readonly compilers: readonly LintCompiler[];
}

/** The claim about the filter that the runtime would install. If the filter cannot be made, the claim says so. */
async function claimOf(request: ReportRequest, work: Work): Promise<Claimed> {
  const { input, host, runtime, engine, library, release, compilers = [] } = request;
  nextQuestion(work, SHARE_OF_PROOF * work.total);
  const backend = backendFor(request);
  let decided: Claimed['answers'];
  try {
    const { claim, compiled } = await compileLoaded(input, {
      ...{ host, runtime, engine, library, release, backend, work, allowUnproven: true },
      timeoutMs: QUESTION_TIMEOUT_MS,
      onDecided: (space, _, root) => {
        decided = { space, root };
      },
    });
    nextQuestion(work, work.total);
    if (decided !== undefined) {
      decided = { space: decided.space, root: onKernel(decided.space, decided.root, host.kernel) };
    }
    return {
      claim: {
        status: claim.result === 'equal' ? 'proven' : 'unproven',
        text: `${statement(formatClaim(claim))}.`,
        rows: {
          host: `${host.arch}, kernel ${formatKernel(host.kernel)}`,
          runtime: claim.runtime,
          ...claimRows(claim),
        },
      },
      ...(claim.result === 'different' ? { compiled: programOf(compiled) } : {}),
      table: factsOfTable(tableOf(backend, library, release)),
      answers: decided,
      compilers,
    };
  } catch (error) {
    if (!(error instanceof OciSeccompError) || !noFilterCodes.includes(error.code)) throw error;
    nextQuestion(work, work.total);
    return claimWithoutFilter(request, error);
  }
}

/** What the page needs of a compiled filter. */
function programOf({ compiler, program, endian }: CompiledFilter): CompiledProgram {
  return { compiler, program, endian };
}

function claimWithoutFilter(request: ReportRequest, error: OciSeccompError): Claimed {
  const { input, compilers = [] } = request;
  const table = tableAtHand(request);
  const [document] = input.documents;
  return {
    claim: {
      status: 'unproven',
      text: `No filter could be compiled: ${error.message}. What follows is what the profile means.`,
      rows: {
        ...(document === undefined ? {} : { 'profile sha256': document.sha256 }),
        'syscall table': table.name,
      },
    },
    table: factsOfTable(table),
    answers: undefined,
    compilers: isHopeless(error) ? compilers.map((each) => failing(each, error)) : compilers,
  };
}

/** Whether libseccomp would fail again for these rules. */
function isHopeless({ code }: OciSeccompError): boolean {
  return code === 'ERR_LIBSECCOMP_TIMEOUT' || code === 'ERR_LIBSECCOMP_CRASH';
}

/** A compiler that is known to fail for these rules. */
function failing(compiler: LintCompiler, error: OciSeccompError): LintCompiler {
  return {
    get name() {
      return compiler.name;
    },
    ...(compiler.concerns === undefined ? {} : { concerns: compiler.concerns }),
    compile: () => Promise.reject(error),
  };
}

/** The sentence of a claim without the words that stand beside it: `For what libseccomp 2.5.4 knows: …`. */
function statement(text: string): string {
  const rest = text.replace(/^(?:proven|NOT PROVEN)(?:: |,? )/, '');
  return `${rest.charAt(0).toUpperCase()}${rest.slice(1)}`;
}

/** Errors of compiling, not of the profile: its meaning can still be shown. */
const noFilterCodes: readonly ErrorCode[] = [
  'ERR_BPF_INVALID',
  'ERR_FFI',
  'ERR_LIBSECCOMP',
  'ERR_LIBSECCOMP_CRASH',
  'ERR_LIBSECCOMP_MISSING',
  'ERR_LIBSECCOMP_TIMEOUT',
  'ERR_PROOF',
  'ERR_UNDECIDED',
];

function tableAtHand(request: ReportRequest): SyscallTable {
  try {
    return tableOf(backendFor(request), request.library, request.release);
  } catch (error) {
    if (error instanceof OciSeccompError) return newestTable;
    throw error;
  }
}

/** Beside dist/bin and dist/lib. */
function templatePath(): string {
  const places = ['../page/report.html', '../dist/page/report.html'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new OciSeccompError('ERR_IO', `the page of reports is missing: ${places.join(', ')}`, {
    hint: 'install oci-seccomp again',
  });
}
