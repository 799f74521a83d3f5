/**
 * The CI files that `init` writes: a job that lints, for each CI system.
 * @module
 */

/** What a job is about. */
interface CiJob {
  /** Folders and patterns that are linted, quoted for a shell. */
  readonly targets: readonly string[];
  /** The package with its version: `oci-seccomp@0.2.0`. */
  readonly tool: string;
}

/** A file that is written. */
export interface CiFile {
  readonly path: string;
  readonly text: string;
  /** Whether the project may have this file for other work. Then it stays, and the user is told what to add. */
  readonly shared?: true;
}

export const ciFiles = { github: githubFiles, gitlab: gitlabFiles, 'pre-commit': preCommitFiles } as const;

export type CiName = keyof typeof ciFiles;

function githubFiles({ targets, tool }: CiJob): readonly CiFile[] {
  return [
    {
      path: '.github/workflows/seccomp.yml',
      text: `name: seccomp
on: [push, pull_request]
permissions:
  contents: read
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      # Findings are annotations of the lines, and a table in the summary of the job. Errors fail it; with --max-warnings 0 warnings do too.
      - run: npx --yes ${tool} lint --format github --report "markdown=$GITHUB_STEP_SUMMARY" -- ${words(targets)}
`,
    },
  ];
}

/** The job's file by itself: other projects include it. */
const GITLAB_FILE = 'seccomp.gitlab-ci.yml';

function gitlabFiles(job: CiJob): readonly CiFile[] {
  return [
    { path: GITLAB_FILE, text: gitlabTemplate(job) },
    { path: '.gitlab-ci.yml', text: `include:\n  - local: ${GITLAB_FILE}\n`, shared: true },
  ];
}

/** The template that templates/ holds for projects that include it from elsewhere. */
export function gitlabTemplate({ targets, tool }: CiJob): string {
  return `# Lints seccomp profiles. Set the variables in your own job of the same name, or in the project.
oci-seccomp-lint:
  stage: test
  image: node:22-slim
  variables:
    # The package and its version.
    OCI_SECCOMP_PACKAGE: ${tool}
    # Files, folders and patterns, separated by spaces.
    OCI_SECCOMP_FILES: ${JSON.stringify(targets.join(' '))}
    # Findings of this level or a graver one fail the job: error, warning, note or never.
    OCI_SECCOMP_FAIL_ON: error
    # More options of oci-seccomp lint.
    OCI_SECCOMP_OPTIONS: ""
  script:
    # The program expands the patterns itself.
    - set -f
    - npx --yes "$OCI_SECCOMP_PACKAGE" lint --report gitlab=gl-code-quality-report.json --report junit=oci-seccomp.junit.xml --fail-on "$OCI_SECCOMP_FAIL_ON" $OCI_SECCOMP_OPTIONS -- $OCI_SECCOMP_FILES
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
      junit: oci-seccomp.junit.xml
`;
}

function preCommitFiles({ tool }: CiJob): readonly CiFile[] {
  return [
    {
      path: '.pre-commit-config.yaml',
      shared: true,
      text: `repos:
  - repo: local
    hooks:
      - id: oci-seccomp-lint
        name: oci-seccomp lint
        entry: oci-seccomp lint --skip-others
        language: node
        additional_dependencies: ["${tool}"]
        types_or: [json, yaml]
`,
    },
  ];
}

function words(targets: readonly string[]): string {
  return targets.map((each) => (/^[\w./-]+$/.test(each) ? each : `'${each}'`)).join(' ');
}
