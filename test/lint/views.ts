/**
 * Profiles on the hosts and under the runtimes that lint looks at them for, and the programs that are built there.
 */
import { capabilitySets } from '../../src/abi/capabilities.ts';
import { directSyscallNumber } from '../../src/abi/syscall-numbers.ts';
import type { Program } from '../../src/bpf/program.ts';
import { compilePolicy } from '../../src/compile/compile-policy.ts';
import { resolveSyscall } from '../../src/libseccomp/syscall.ts';
import { createView, type HostView } from '../../src/lint/ask/host-view.ts';
import type { Finding, Witness } from '../../src/lint/engine/finding.ts';
import type { LintOptions } from '../../src/lint/engine/lint-profile.ts';
import type { Profile } from '../../src/oci/profile.ts';
import { newestTable } from '../../src/policy/newest-table.ts';
import { parseRuntime } from '../../src/policy/runtimes.ts';
import { fetchedLibraries, type Library } from '../oracle/libraries.ts';

/** As `lintProfile` makes them; a view that an engine or runtime refuses is left out. */
export async function viewsOf(profile: Profile, options: LintOptions): Promise<readonly HostView[]> {
  const { engine, kernels, runtimes = ['runc'] } = options;
  const kernel = kernels?.newest ?? { kernel: 6, major: 18 };
  const capabilities = profile.container?.capabilities ?? capabilitySets.docker;
  const hosts = options.hosts ?? [{ arch: 'x86_64' as const, kernel, capabilities }];
  const views: HostView[] = [];
  for (const host of hosts) {
    for (const runtime of runtimes.map(parseRuntime)) {
      const request = { profile, host, runtime, compilers: [], ...(engine === undefined ? {} : { engine }) };
      const view = await createView(request);
      if (view !== undefined && !(view instanceof Error)) views.push(view);
    }
  }
  return views;
}

/** The view that a finding's witness was found in. */
export function viewOfFinding(views: readonly HostView[], { hosts }: Finding): HostView {
  const view = hosts === undefined ? views[0] : views.find(({ name }) => hosts.includes(name));
  if (view === undefined) throw new Error(`no such host: ${hosts?.join('; ') ?? 'none at all'}`);
  return view;
}

export interface Built {
  readonly program: Program;
  /** Names that the library does not know; it builds no rules for them. */
  readonly unknown: readonly string[];
}

/** What a library makes of a view's policy without the names that it does not know. */
export async function buildView({ policy }: HostView, library: Library): Promise<Built> {
  const { path } = library;
  const names = new Set(policy.rules.map(({ syscall }) => syscall));
  const unknown = [...names].filter(
    (name) => resolveSyscall(name, 'native', { library: path }) === undefined,
  );
  const rules = policy.rules.filter(({ syscall }) => !unknown.includes(syscall));
  const { program } = await compilePolicy(
    { ...policy, rules },
    { allowUnproven: true, table: newestTable, library: path },
  );
  return { program, unknown };
}

/** Whether a witness is one of the calls that a library knows no name for. */
export function isUnknown({ unknown }: Built, view: HostView, { call }: Witness): boolean {
  return unknown.some((name) =>
    view.policy.architectures.some((arch) => directSyscallNumber(name, arch) === call.nr),
  );
}

/** The newest library that was fetched, which knows most names. */
export function newestLibrary(): Library | undefined {
  return fetchedLibraries().at(-1);
}
