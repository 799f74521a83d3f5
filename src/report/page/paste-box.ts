/**
 * The field for a profile, and what is made of it.
 * @module
 */
import { capabilitySets } from '../../abi/capabilities.ts';
import { NEWEST_KERNEL } from '../../abi/kernel-history.ts';
import { OciSeccompError } from '../../errors.ts';
import { lintReadProfile } from '../../lint/engine/lint-profile.ts';
import { type BuiltinName, builtinProfiles } from '../../oci/builtin/index.ts';
import { readProfiles } from '../../oci/read-profiles.ts';
import { serializeProfile } from '../../oci/serialize.ts';
import { usableProfile } from '../../oci/usable-profile.ts';
import { selectProfile } from '../../pipeline/select-profile.ts';
import { newestTable } from '../../policy/newest-table.ts';
import { consumersFor } from '../../policy/profile-readers.ts';
import { formatRuntime, runtimeFor } from '../../policy/runtimes.ts';
import { findingsForPage, profileForPage } from '../page-input.ts';
import type { ReportReading } from '../reading.ts';
import { type ReportData, viewOf } from '../report-data.ts';
import { factsOfTable } from '../table-facts.ts';
import { fill, h } from './dom.ts';
import { textOfError } from './judge-here.ts';

const NAME = 'profile';

export function makePaste(show: (data: ReportData | undefined) => void): HTMLElement {
  const field = h('textarea', {
    id: 'paste',
    spellcheck: 'false',
    'aria-label': 'A seccomp profile',
    placeholder:
      'Paste a profile: Docker, Podman, runtime-spec or config.json (JSON), a SeccompProfile of Kubernetes (YAML or JSON), a systemd unit or a policy of LXC',
  });
  const trouble = h('pre', { class: 'trouble', role: 'alert' });
  trouble.hidden = true;
  const go = async (): Promise<void> => {
    fill(trouble);
    trouble.hidden = true;
    try {
      show(await dataOf(field.value));
    } catch (error) {
      show(undefined);
      const problems = problemsOf(error);
      // The hint of an error with problems is a command that shows them.
      const text =
        problems.length > 0 && error instanceof OciSeccompError ? `${error.message}:` : textOfError(error);
      fill(trouble, [text, ...problems].join('\n'));
      trouble.hidden = false;
    }
  };
  const sample = (name: BuiltinName): HTMLElement => {
    const onclick = (): void => {
      field.value = serializeProfile(builtinProfiles[name]());
      void go();
    };
    return h('button', { type: 'button', class: 'chip', onclick }, name);
  };
  return h(
    'section',
    { class: 'panel paste', 'aria-label': 'A profile' },
    h('h1', {}, 'What does a seccomp profile let through?'),
    field,
    h(
      'div',
      { class: 'paste-row' },
      h('button', { type: 'button', class: 'go', id: 'go', onclick: () => void go() }, 'Show'),
      h('span', { class: 'muted small' }, 'or take one of these:'),
      sample('docker-default'),
      sample('podman-default'),
      h('span', { class: 'muted small' }, 'The profile stays in this page: nothing is sent.'),
    ),
    trouble,
  );
}

async function dataOf(text: string): Promise<ReportData> {
  if (text.trim() === '')
    throw new OciSeccompError('ERR_USAGE', 'there is no profile yet', {
      hint: 'paste one into the field, or start from a built-in one',
    });
  const read = selectProfile(await readProfiles(text, { name: NAME }), NAME, {});
  const runtime = runtimeFor(undefined, read.dialect ?? 'oci');
  const profile = usableProfile(read, consumersFor(read.dialect ?? 'oci', undefined, runtime), NAME, NAME);
  const capabilities =
    profile.container === undefined ? capabilitySets.docker : profile.container.capabilities;
  const reading: ReportReading = {
    arch: 'x86_64',
    kernel: NEWEST_KERNEL,
    ...(capabilities === undefined ? {} : { capabilities }),
    runtime: formatRuntime(runtime),
    noNewPrivileges: profile.container?.noNewPrivileges ?? false,
  };
  const findings = findingsForPage(
    (await lintReadProfile(read, { name: NAME, inherited: 'among' })).findings,
  );
  const page = profileForPage(NAME, text, profile);
  const table = factsOfTable(newestTable);
  return {
    generator: 'oci-seccomp',
    profile: page,
    reading,
    table,
    claim: {
      status: 'decided',
      text: 'this page compiles no filter: it decides what the profile means, for every call',
      rows: { 'syscall table': table.name, capabilities: capabilities?.join(' ') ?? 'no sets' },
    },
    findings,
    view: viewOf({ profile: page, reading, table, findings }),
  };
}

function problemsOf(error: unknown): readonly string[] {
  if (!(error instanceof OciSeccompError) || !Array.isArray(error.details.problems)) return [];
  const problems = error.details.problems as readonly { line?: number; column?: number; message: string }[];
  return problems.slice(0, 20).map(({ line, column, message }) => `line ${line}:${column}: ${message}`);
}
