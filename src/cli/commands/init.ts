/**
 * `oci-seccomp init`: a configuration for lint, and jobs for CI.
 * @module
 */
import type { Preset } from '../../lint/engine/presets.ts';
import { defineCommand, type Run } from '../define/command-definition.ts';
import { namesOf, reportOptions, textOrJson } from '../define/shared-options.ts';
import type { CiName } from '../init/ci-files.ts';

export const definition = defineCommand({
  description:
    'Writes a configuration for lint into a project, for the profiles that it finds there, and with --ci a job that lints them. It asks nothing and overwrites nothing.',
  arguments: [
    { name: 'folder', help: 'the folder of the project', optional: true, default: '.', kind: 'folder' },
  ],
  options: {
    ci: {
      value: 'place',
      help: 'also write the job for this place; repeatable',
      choices: namesOf<CiName>({ github: true, gitlab: true, 'pre-commit': true }),
      repeatable: true,
    },
    preset: {
      value: 'preset',
      help: 'the preset of the configuration (default: kubernetes if all profiles are for Kubernetes, else recommended)',
      choices: namesOf<Preset>({ recommended: true, strict: true, kubernetes: true }),
    },
    ...textOrJson,
    ...reportOptions,
  },
  notes: [
    'The configuration is oci-seccomp.config.json. If it is there, --ci writes the job alone, and without --ci nothing is written. If a file of the job is there, nothing is written. A .gitlab-ci.yml or a .pre-commit-config.yaml that is there stays as it is: what to add to it is printed. CI looks for jobs at the top of a git repository, so --ci is refused in a folder below.',
  ],
  exitCodes: {
    0: 'the files are written',
    2: 'wrong usage, a file is there already, or the folder is not the top of its git repository and a job was asked for',
    3: 'a file cannot be written',
  },
  examples: [
    { does: 'Set up lint in this project', line: 'oci-seccomp init' },
    {
      does: 'The same, with a workflow for GitHub Actions; if a file is there already, the exit code is 2',
      line: 'oci-seccomp init --ci github',
    },
  ],
});

export const run: Run<typeof definition> = async ([folder = '.', ...more], options) => {
  const { OciSeccompError } = await import('../../errors.ts');
  if (more.length > 0) throw new OciSeccompError('ERR_USAGE', 'init takes one folder');
  const [{ initProject }, { renderInit }, { printJson }, { writeReport }] = await Promise.all([
    import('../init/init-project.ts'),
    import('../render/render-init.ts'),
    import('../render/print-json.ts'),
    import('../output.ts'),
  ]);
  const { ci = [], preset, format } = options;
  const report = await initProject({ folder, ci, ...(preset === undefined ? {} : { preset }) });
  const text =
    format === 'json'
      ? printJson({
          profiles: report.profiles,
          preset: report.preset,
          runtimes: report.runtimes,
          kept: report.kept,
          written: report.written,
          toAdd: report.toAdd.map(({ path, text: lines }) => ({ path, text: lines })),
          targets: report.targets,
        })
      : renderInit(report);
  await writeReport(text, options);
  return 'yes';
};
