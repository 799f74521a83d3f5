/**
 * Every JSON that a command prints has the form that its schema in schemas/output/ says.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ociSeccomp, root } from './run.ts';

const folder = join(root, 'schemas/output');
const ajv = new Ajv({ allErrors: true });
for (const file of readdirSync(folder)) ajv.addSchema(JSON.parse(readFileSync(join(folder, file), 'utf8')));

function requireForm(name: string, text: string): void {
  const validate = ajv.getSchema(`urn:oci-seccomp:schema:output:${name}`);
  validate?.(JSON.parse(text));
  expect(
    validate?.errors?.map(({ instancePath, message, params }) => ({ instancePath, message, params })) ?? null,
  ).toBe(null);
}

const transcripts = join(root, 'test/cli/transcripts');
const printed = readdirSync(transcripts).flatMap((file) => {
  const text = readFileSync(join(transcripts, file), 'utf8');
  const [, verb = '', rest = ''] = /^\$ oci-seccomp (\w+)(.*)$/m.exec(text) ?? [];
  const isJson = / --json\b| --format json\b| -f json\b/.test(rest);
  const json = /^\{$[\s\S]*?^\}$/m.exec(text)?.[0];
  return isJson && json !== undefined ? [{ file, verb, json }] : [];
});

describe('the schemas of outputs', () => {
  let work = '';
  const path = (name: string): string => join(work, name);
  beforeAll(() => {
    work = mkdtempSync(join(tmpdir(), 'oci-seccomp-schemas-'));
    writeFileSync(path('trace.txt'), 'read(3)\nmount\nsocket(AF_INET)\nno_such_call\nnot a call!\n');
    writeFileSync(
      path('profile.json'),
      `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
        {"names": ["read", "nonesuch", "write"], "action": "SCMP_ACT_ALLOW"},
        {"names": ["ioctl"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "op": "SCMP_CMP_NE", "value": 21522}]},
        {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "op": "SCMP_CMP_MASKED_EQ", "value": 15, "valueTwo": 2}]},
        {"names": ["socket"], "action": "SCMP_ACT_TRAP", "args": [{"index": 1, "op": "SCMP_CMP_GT", "value": 5}]}]}\n`,
    );
    writeFileSync(path('names.txt'), 'read\nclone3\nmount\n');
    writeFileSync(path('calls.txt'), 'x86_64 mount N ERRNO(EPERM)\n');
    writeFileSync(path('broken.json'), '{"defaultAction": 1, "syscalls": [{"names": []}], "x": 2\n');
    ociSeccomp(['resolve', 'docker-default@24', '-q', '-o', path('resolved.json')]);
    ociSeccomp(['compile', 'docker-default', '-q', '-o', path('filter.bpf')]);
    const simple = {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW' }],
    };
    writeFileSync(path('simple.json'), JSON.stringify(simple));
    ociSeccomp(['compile', path('simple.json'), '-q', '-o', path('simple.bpf')]);
    ociSeccomp(['compile', path('profile.json'), '-q', '-o', path('other.bpf'), '--allow-unproven']);
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('are there for the JSON of transcripts', () => expect(printed.length).toBeGreaterThan(5));
  it.each(printed.filter(({ verb }) => verb !== 'resolve'))('fit the transcript $file', ({ verb, json }) => {
    requireForm(
      verb === 'compile' || verb === 'asm' ? 'program' : verb === 'run' ? 'run-dry-run' : verb,
      json,
    );
  });

  const cases: readonly (readonly [schema: string, words: () => readonly string[]])[] = [
    ['explain', () => ['explain', 'docker-default', 'clone']],
    ['explain', () => ['explain', 'docker-default', 'socket', 'AF_VSOCK', '--arch', 'x86']],
    ['explain', () => ['explain', path('profile.json'), 'socket', '--arch', 's390x']],
    ['explain', () => ['explain', path('profile.json'), 'ioctl', '_', '21522']],
    ['explain', () => ['explain', 'docker-default', 'clone', 'any:CLONE_NEWUSER', '--trace']],
    ['explain', () => ['explain', path('filter.bpf'), '9999']],
    ['explain', () => ['explain', path('filter.bpf'), 'socket', 'AF_VSOCK', '--trace']],
    ['explain', () => ['explain', 'docker-default', 'getpid() = -1 EPERM (Operation not permitted)']],
    ['explain', () => ['explain', path('resolved.json'), 'mbind', '--suggest']],
    ['explain', () => ['explain', path('resolved.json'), 'socket', '--suggest']],
    [
      'resolve',
      () => ['resolve', 'docker-default', '--runtime', 'runc@1.1', '-o', path('a'), '--report', '-'],
    ],
    [
      'resolve',
      () => ['resolve', path('profile.json'), '-e', 'containerd', '-o', path('a'), '--report', '-'],
    ],
    ['diff', () => ['diff', 'docker-default', 'podman-default']],
    ['diff', () => ['diff', path('profile.json'), path('filter.bpf')]],
    ['subset', () => ['subset', path('profile.json'), 'docker-default']],
    ['subset', () => ['subset', 'docker-default', 'docker-default']],
    ['edit', () => ['allow', path('resolved.json'), 'mbind', '--force']],
    ['edit', () => ['allow', path('resolved.json'), 'ptrace']],
    ['edit', () => ['deny', path('resolved.json'), 'personality', '8']],
    ['edit', () => ['deny', path('resolved.json'), 'unshare', 'any:CLONE_NEWUSER']],
    ['rebase', () => ['rebase', 'docker-default@20.10', '--json']],
    ['rebase', () => ['rebase', path('resolved.json'), '--onto', 'podman-default', '--check']],
    [
      'composition',
      () => ['intersect', 'docker-default', 'podman-default', '-o', path('a'), '--report', '-'],
    ],
    ['composition', () => ['union', 'docker-default@28', 'docker-default', '-o', path('a'), '--report', '-']],
    [
      'composition',
      () => ['simplify', path('resolved.json'), '--check', path('profile.json'), '--report', '-'],
    ],
    ['composition', () => ['simplify', 'docker-default', '--to', 'oci', '-o', path('a'), '--report', '-']],
    ['decompile', () => ['decompile', path('simple.bpf'), '--stricter', '-o', path('a'), '--report', '-']],
    ['convert', () => ['convert', 'docker-default', '--to', 'systemd', '--stricter', '--arch', 'x86_64']],
    ['convert', () => ['convert', path('filter.bpf'), '--to', 'bwrap']],
    ['verify', () => ['verify', 'docker-default', path('filter.bpf')]],
    ['verify', () => ['verify', 'docker-default', path('other.bpf')]],
    ['verify', () => ['verify', path('profile.json'), path('other.bpf')]],
    [
      'validate',
      () => ['validate', path('broken.json'), path('profile.json'), path('absent.json'), 'docker-default'],
    ],
    ['lint', () => ['lint', path('broken.json'), path('profile.json'), 'docker-default']],
    ['lint', () => ['lint', path('absent.json'), 'podman-default', '--arch', 'all', '--runtime', 'all']],
    ['init', () => ['init', mkdtempSync(join(work, 'project-')), '--ci', 'gitlab']],
    ['rules', () => ['rules']],
    ['rules', () => ['rules', 'default-allow']],
    ['syscalls', () => ['syscalls', 'mount', '165']],
    ['syscalls', () => ['syscalls', '--since', 'docker-default@20.10']],
    ['syscalls', () => ['syscalls', '--since', '6.6']],
    ['syscalls', () => ['syscalls']],
    ['syscalls', () => ['syscalls', '--arch', 'all']],
    ['doctor', () => ['doctor']],
    ['doctor', () => ['doctor', '--library', path('absent.so')]],
    ['program', () => ['compile', 'podman-default', '-q']],
    ['program', () => ['asm', path('filter.bpf')]],
    ['disasm', () => ['disasm', path('filter.bpf')]],
    ['simulate', () => ['simulate', path('filter.bpf'), path('calls.txt')]],
    ['explain-filter', () => ['explain', 'docker-default']],
    ['explain-filter', () => ['explain', path('profile.json'), '--arch', 's390x']],
    ['explain-filter', () => ['explain', path('filter.bpf')]],
    ['audit', () => ['audit', join(root, 'fixtures/audit/audit.log')]],
    ['audit', () => ['audit', join(root, 'fixtures/audit/audit.log'), '--profile', path('profile.json')]],
    ['audit', () => ['audit', join(root, 'fixtures/audit/audit.log'), '--profile', 'docker-default']],
    ['run-dry-run', () => ['run', '--dry-run', path('trace.txt')]],
    ['record', () => ['record', '--via', `list:${path('names.txt')}`, '-o', path('recorded.json')]],
    [
      'record',
      () => [
        'record',
        '--via',
        `strace:${path('trace.txt')}`,
        '--compare',
        'docker-default',
        '--args',
        'socket',
      ],
    ],
  ];
  it('fit the recording that record keeps', () => {
    ociSeccomp(['record', '-q', '-o', path('kept.json'), '--', 'sh', '-c', 'ls | wc -l']);
    const validate = ajv.compile(
      JSON.parse(readFileSync(join(root, 'schemas/recording.schema.json'), 'utf8')),
    );
    validate(JSON.parse(readFileSync(path('kept.recording.json'), 'utf8')));
    expect(validate.errors ?? null).toBe(null);
  });
  it('say of an intersection that is stricter which calls, and on which host', () => {
    // The result kills threads on x86, which one profile does not list, where the other one kills the process.
    const pair = [
      { architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'], names: ['read', 'write'] },
      { architectures: ['SCMP_ARCH_X86_64'], names: ['read', 'close'] },
    ].map(({ architectures, names }, at) => {
      const defaultAction = at === 0 ? 'SCMP_ACT_KILL_PROCESS' : 'SCMP_ACT_ERRNO';
      const profile = { defaultAction, architectures, syscalls: [{ names, action: 'SCMP_ACT_ALLOW' }] };
      writeFileSync(path(`${at}.json`), JSON.stringify(profile));
      return path(`${at}.json`);
    });
    const words = ['intersect', ...pair, '--stricter', '-o', path('a'), '--report', path('report.json')];
    ociSeccomp(words);
    const text = readFileSync(path('report.json'), 'utf8');
    requireForm('composition', text);
    const report = JSON.parse(text);
    expect(report).toMatchObject({
      command: 'intersect',
      equal: false,
      result: { names: 2 },
      stricter: [
        {
          host: { arch: 'x86_64' },
          calls: [{ arch: 'x86', kind: 'looser', calls: expect.arrayContaining(['close', 'socketcall']) }],
        },
      ],
    });
    const both = ociSeccomp(['simplify', 'docker-default', '--report', '-']);
    expect(both.status).toBe(2);
    expect(both.stderr).toContain('would both go to standard output');
  });
  it.each(cases)('fit %s %#', (schema, words) => {
    // --json is about the profile, and --check writes none.
    const json = words().includes('simplify') && words().includes('--check') ? [] : ['--json'];
    requireForm(schema, ociSeccomp([...words(), ...json]).stdout);
  });
});
