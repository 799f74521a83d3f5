/**
 * `oci-seccomp validate`: every problem of every profile, with its place.
 * @module
 */
import type { ProfileReport } from '../answers/validate-files.ts';
import { defineCommand, type Run } from '../define/command-definition.ts';
import { dialect, engine, nodeOptions, quiet, reportOptions, textOrJson } from '../define/shared-options.ts';
import { judge } from '../exit-code.ts';

const READERS = 'Who reads the profiles (a problem that concerns none of them is a warning):';

export const definition = defineCommand({
  description:
    'Reads profiles and prints every problem with its place. Directories are searched for *.json, and for *.yaml and *.yml with SeccompProfile objects or profiles in ConfigMaps.',
  arguments: [
    {
      name: 'profile',
      help: 'files, directories, globs, - for standard input, or built-in profiles',
      variadic: true,
      kind: 'profile',
    },
  ],
  options: {
    dialect,
    ...textOrJson,
    ...reportOptions,
    quiet: { ...quiet, help: 'print errors only, no warnings and no summary' },
    engine: {
      ...engine,
      help: 'who resolves the profiles (default: any; with --runtime by dialect)',
      heading: READERS,
    },
    runtime: {
      short: 'r',
      value: 'runtime',
      help: 'runc, crun or another of compile, repeatable; or all; or runsc, to see what gVisor drops: read, not run (default: any)',
      repeatable: true,
      heading: READERS,
      kind: 'runtime',
    },
    arch: {
      short: 'a',
      value: 'arch',
      help: 'architectures of the hosts: repeatable, a list, or all (default: x86_64)',
      repeatable: true,
      heading: READERS,
      kind: 'arch',
    },
    'profiles-dir': { ...nodeOptions['profiles-dir'], heading: READERS },
    'seccomp-default': { ...nodeOptions['seccomp-default'], heading: READERS },
  },
  exitCodes: {
    0: 'no profile has an error',
    1: 'a profile has errors',
    2: 'wrong usage',
    3: 'a file cannot be read',
  },
  examples: [
    { does: 'Check all profiles below a folder', line: 'oci-seccomp validate profiles/' },
    {
      does: 'Check a profile for Podman and crun',
      line: 'oci-seccomp validate profile.json --engine podman --runtime crun',
    },
    {
      does: 'Check what a program prints: here a key is misspelled, so the exit code is 1',
      line: `echo '{"defaultAcction": "SCMP_ACT_ALLOW"}' | oci-seccomp validate -`,
    },
  ],
});

export const run: Run<typeof definition> = async (operands, options) => {
  const [
    { isInvalid, validateOperand },
    nodes,
    { parseArchs, parseRuntimes },
    render,
    streams,
    { writeFindings },
    { RUNSC },
  ] = await Promise.all([
    import('../answers/validate-files.ts'),
    import('../answers/node-facts.ts'),
    import('../lint/settings.ts'),
    import('../render/render-validation.ts'),
    import('../streams.ts'),
    import('../output.ts'),
    import('../../policy/runtimes.ts'),
  ]);
  const { runtimes, runsc } = tellRunsc(options.runtime, RUNSC);
  const asked = {
    engine: options.engine,
    runtimes: parseRuntimes(runtimes),
    hosts: parseArchs(options.arch),
  };
  nodes.checkNodeOptions(options);
  const workloads = nodes.nodeFacts(options);
  const reports = [];
  for (const operand of operands) {
    const errorsOnly = options.quiet === true;
    const how = { dialect: options.dialect, asked, runsc, quiet: errorsOnly, workloads };
    reports.push(...(await validateOperand(operand, how)));
  }
  await refuseOverProfiles(options.output, reports);
  const failures = reports.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  if (options.format === 'json') await writeFindings(render.renderValidationJson(reports), options);
  else {
    const { renderError } = await import('../render/render-error.ts');
    const hasPods = reports.some(({ containers }) => containers !== undefined);
    const workload = hasPods ? (await import('../render/render-workload.ts')).renderWorkload : undefined;
    await writeFindings(render.renderProblems(reports, workload), options);
    for (const failure of failures) streams.writeStderr(renderError(failure));
    streams.writeAside(render.renderCounts(reports));
  }
  return judge(failures, !reports.some(isInvalid));
};

/** gVisor reads profiles without a row among the runtimes. @returns whether it alone is asked, and which others are */
function tellRunsc(
  lists: readonly string[] | undefined,
  name: string,
): { readonly runtimes: readonly string[] | undefined; readonly runsc: 'only' | 'too' | undefined } {
  const all = lists?.flatMap((list) => list.split(','));
  const others = all?.filter((each) => each !== name);
  if (others?.length === all?.length) return { runtimes: others, runsc: undefined };
  // Alone it leaves the engine's problems and those of the text itself.
  return others?.length === 0 ? { runtimes: ['plain'], runsc: 'only' } : { runtimes: others, runsc: 'too' };
}

async function refuseOverProfiles(output: string, reports: readonly ProfileReport[]): Promise<void> {
  if (output === '-') return;
  const profiles = reports.filter((report) => report.dialect !== undefined);
  const { refuseOver } = await import('../define/named-files.ts');
  refuseOver(
    output,
    profiles.map(({ file }) => file),
  );
}
