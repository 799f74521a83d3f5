/**
 * The report of `doctor` for people.
 * @module
 */
import { actions } from '../../abi/actions.ts';
import type { LibraryReport, MachineReport, Probed } from '../answers/machine-report.ts';

export function renderMachineReport(report: MachineReport): string {
  const runtimes = Object.entries(report.runtimes).map(
    ([name, version]) => [name, version ?? 'not found'] as const,
  );
  const rows: (readonly [string, string])[] = [
    ['oci-seccomp', report.ociSeccomp],
    ['node', report.node],
    ['machine', `${render(report.arch, (arch) => arch)}, kernel ${report.kernelRelease}`],
    ['koffi', render(report.koffi, (version) => version)],
    [
      'libseccomp',
      render(
        report.libseccomp,
        ({ version, path, apiLevel: level }) => `${version}, API level ${level}, ${path}`,
      ),
    ],
    ...advisoryRows(report.libseccomp),
    [
      'actions',
      render(report.kernel, (kernel) => renderAvailable(kernel.actions, (kind) => actions[kind].label)),
    ],
    [
      'flags',
      render(report.kernel, ({ flags }) =>
        renderAvailable(flags, (flag) => flag.replace('SECCOMP_FILTER_FLAG_', '')),
      ),
    ],
    [
      'notify',
      render(report.kernel, ({ notification }) => {
        if (notification === undefined) return 'this kernel has no user notification';
        const { request, response, match } = notification;
        return `requests of ${request} bytes, responses of ${response}: ${match ? 'as known here' : 'another size than known here'}`;
      }),
    ],
    ...trustRows(report.untrusted),
    ...agentRows(report.agent),
    ...runtimes,
  ];
  return rows.map(([label, text]) => `${label.padEnd(12)}  ${text}\n`).join('');
}

function trustRows(untrusted: MachineReport['untrusted']): (readonly [string, string])[] {
  if (untrusted.length === 0)
    return [['for root', 'nobody but root can write what hooks and the runtime wrapper run']];
  return untrusted.map(({ problem, hint }, i) => [
    i === 0 ? 'for root' : '',
    `refused by hooks and the runtime wrapper: ${problem}${hint === undefined ? '' : `\n${' '.repeat(14)}${hint}`}`,
  ]);
}

/** No row where no agent was named and none is found. */
function agentRows(agent: MachineReport['agent']): readonly (readonly [string, string])[] {
  if (agent === null) return [];
  const { socket, owner, version, problem } = agent;
  const who = owner === undefined || owner === 0 ? '' : `, of user ${owner}`;
  if (problem !== undefined) return [['agent', `PROBLEM: ${socket}${who}: ${problem}`]];
  return [['agent', `answers on ${socket}, version ${version ?? ''}`]];
}

function render<T>(found: Probed<T>, show: (value: T) => string): string {
  if (found.ok) return show(found.value);
  return `PROBLEM: ${found.error}${found.hint === undefined ? '' : `\n${' '.repeat(14)}${found.hint}`}`;
}

function renderAvailable<K extends string>(
  available: Readonly<Record<K, boolean>>,
  show: (key: K) => string,
): string {
  const keys = Object.keys(available) as K[];
  const has = keys.filter((key) => available[key]).map(show);
  const lacks = keys.filter((key) => !available[key]).map(show);
  return has.join(' ') + (lacks.length === 0 ? '' : `; this kernel lacks ${lacks.join(' ')}`);
}

function advisoryRows(library: Probed<LibraryReport>): (readonly [string, string])[] {
  if (!library.ok) return [];
  if (library.value.advisories.length === 0) return [['advisories', 'none known for this version']];
  return library.value.advisories.map(({ id, summary, fixedIn }, i) => [
    i === 0 ? 'advisories' : '',
    `${id}: ${summary} (fixed in ${fixedIn}, or backported by the distribution)`,
  ]);
}
