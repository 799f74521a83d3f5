/**
 * `oci-seccomp audit`: what a log says was denied, and why.
 * @module
 */
import { defineCommand, type Run } from '../define/command-definition.ts';
import { ENVIRONMENT_CODE, readingOptions, reportOptions, textOrJson } from '../define/shared-options.ts';

export const definition = defineCommand({
  description:
    'Reads records of seccomp from a log, and says what was denied, to which programs and how often. With a profile it names the rule that decides, what would allow the call, and what that risks.',
  arguments: [
    {
      name: 'log',
      help: "audit.log, what dmesg, journalctl, ausearch or strace print, syslog, a container's or node's log, also compressed by gzip; - for standard input (default: audit.log of this machine, else the kernel's log)",
      optional: true,
      kind: 'file',
    },
  ],
  options: {
    profile: {
      value: 'profile',
      help: 'what the programs run under: a profile or a BPF program in a file, a built-in profile, or pid:PID',
      kind: 'filter',
    },
    journal: { help: 'read the journal of systemd', conflicts: ['dmesg'] },
    dmesg: { help: 'read the log that the kernel holds', conflicts: ['journal'] },
    ...readingOptions,
    arch: {
      ...readingOptions.arch,
      help: 'architecture of the host (default: this machine if it runs the recorded calls)',
    },
    ...textOrJson,
    ...reportOptions,
  },
  notes: [
    'As root, oci-seccomp audit without a log shows what the kernel of this machine recorded.',
    'After a trial (hook --observe, run --observe), --profile says which of the logged calls the profile would deny, and by which rule.',
    'Records hold no arguments and no error numbers: where a profile decides by arguments, audit lists the cases.',
    'Docker, Podman and Kubernetes deny by an error, and the kernel records that only for filters with SECCOMP_FILTER_FLAG_LOG. Where a log has no record, audit says how to get one.',
    'Dates of ausearch -i are read as month/day/year.',
  ],
  exitCodes: {
    0: 'there are records',
    1: 'the log has no record of seccomp',
    2: 'wrong usage, or a profile that cannot be read as what it should be',
    3: ENVIRONMENT_CODE,
  },
  examples: [
    { does: 'What a log says was denied', line: 'oci-seccomp audit audit.log' },
    {
      does: "The same with the rules of Docker's default",
      line: 'oci-seccomp audit audit.log --profile docker-default',
    },
    { does: 'For programs, from standard input', line: 'oci-seccomp audit - --json < audit.log' },
  ],
});

const MILLION = 1_000_000;

export const run: Run<typeof definition> = async ([operand], options) => {
  const [
    { auditLog },
    { auditReport, readAuditLog },
    { createProgressLine },
    { readActionsLogged },
    { writeReport },
  ] = await Promise.all([
    import('../operands/audit-log.ts'),
    import('../answers/audit-report.ts'),
    import('../render/progress-line.ts'),
    import('../../kernel/actions-logged.ts'),
    import('../output.ts'),
  ]);
  const log = auditLog(operand, options);
  const progress = createProgressLine(options.quiet === true);
  let read = 0;
  const summary = await readAuditLog(log, (characters) => {
    read += characters;
    progress.show(() => `${log.name}: ${Math.round(read / MILLION)} million characters read`);
  }).finally(progress.clear);
  const logged = log.isOfMachine ? readActionsLogged() : undefined;
  const report = await auditReport(log, summary, options.profile, options, options.format !== 'json');
  if (options.format === 'json') {
    const [{ auditJson }, { printJson }] = await Promise.all([
      import('../render/audit-json.ts'),
      import('../render/print-json.ts'),
    ]);
    await writeReport(printJson(auditJson(report, logged)), options);
  } else {
    const { renderAudit, renderNothingFound } = await import('../render/render-audit.ts');
    const text = summary.records === 0 ? renderNothingFound(report, logged) : renderAudit(report);
    await writeReport(text, options);
  }
  return summary.records === 0 ? 'no' : 'yes';
};
