/**
 * Options about the reading of filters, for each command and each kind of subject: an option changes what is printed, or it is
 * refused. There is no third way. Every value here matters for the profile below.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import type { CommandDefinition, CommandRow } from '../../src/cli/define/command-definition.ts';
import { commandTable } from '../../src/cli/define/command-table.ts';
import { runPlainly } from '../../src/cli/plain-command-line.ts';
import { OciSeccompError } from '../../src/errors.ts';

const printed: string[] = [];
vi.mock('../../src/cli/streams.ts', () => {
  const note = (text: unknown) => void printed.push(String(text));
  const isTerminal = () => false;
  return {
    ...{
      writeStdout: note,
      streamStdout: note,
      writeStderr: note,
      writeAside: note,
      writeStatusAside: note,
      paintStderr: isTerminal,
    },
    ...{ isStdoutTerminal: isTerminal, isStderrTerminal: isTerminal, terminalWidth: () => 80 },
  };
});

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-uses-'));
afterAll(() => rmSync(folder, { recursive: true }));
function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const allow = (more: object) => ({ action: 'SCMP_ACT_ALLOW', ...more });
/** Two comparisons of one argument are read otherwise by crun; mseal is younger than libseccomp 2.5.4. */
const rules = [
  allow({ names: ['read', 'mseal'] }),
  allow({ names: ['kcmp'], args: [1, 2].map((value) => ({ index: 0, value, op: 'SCMP_CMP_EQ' })) }),
];
const conditional = [
  allow({ names: ['ptrace'], includes: { minKernel: '4.8' } }),
  allow({ names: ['mount'], includes: { caps: ['CAP_SYS_ADMIN'] } }),
  allow({ names: ['chroot'], includes: { caps: ['CAP_SYS_CHROOT'] } }),
  // podman reads no minKernel, and allows it.
  allow({ names: ['bpf'], includes: { minKernel: '9.0' } }),
];
const defaultAction = 'SCMP_ACT_ERRNO';
const profile = file('p.json', JSON.stringify({ defaultAction, syscalls: [...rules, ...conditional] }));
/** Without architectures, so that they are the host's. */
const kubernetes = (name: string, more: object): string =>
  JSON.stringify({
    ...{ apiVersion: 'security-profiles-operator.x-k8s.io/v1beta1', kind: 'SeccompProfile' },
    metadata: { name },
    spec: { defaultAction, syscalls: rules, ...more },
  });
const subjects = {
  file: profile,
  object: file('k.json', kubernetes('web', { baseProfileName: 'base' })),
  // SECCOMP_RET_ALLOW alone, in little-endian order.
  program: file('p.bpf', Buffer.from('060000000000ff7f', 'hex')),
  builtin: 'docker-default',
} as const;
type Kind = keyof typeof subjects;
file('base.json', kubernetes('base', { syscalls: [allow({ names: ['write'] })] }));
const calls = file(
  'calls',
  'x86_64 mount\nx86_64 ptrace\nx86_64 mseal\nx86_64 chroot\nx86_64 bpf\nx86_64 kcmp 1\n',
);
const names = file('names', 'mount\nptrace\nmseal\nchroot\nkcmp(1)\n');
const record = file(
  'log',
  'audit: type=1326 audit(1600000000.1:1): arch=c000003e syscall=437 code=0x50000\n',
);

/** What some engines and runtimes refuse, and others do not. */
const unnamed = allow({ names: [''] });
const flawed: Readonly<Record<string, readonly string[]>> = {
  [subjects.file]: [
    file(
      'flawed.json',
      JSON.stringify({
        defaultAction,
        syscalls: [unnamed, allow({ names: ['read'], includes: { minKernel: 'new' } })],
      }),
    ),
  ],
  [subjects.object]: [file('flawed-k.json', kubernetes('web', { syscalls: [unnamed] }))],
};

// What `pull` gets: its options are about the proof that this is within the subject.
vi.mock('../../src/registry/pull-profile.ts', () => ({
  pullProfile: async (reference: string) => {
    const profile = { defaultAction: 'SCMP_ACT_ERRNO', syscalls: rules };
    return { reference, digest: 'sha256:0', bytes: Buffer.from(JSON.stringify(profile)), profile };
  },
}));

/** How each command is asked about one subject. Those with more operands have something else for the other. */
const lines: Readonly<Record<string, (subject: string) => readonly string[]>> = {
  explain: (s) => ['explain', s, '--json'],
  'explain of a call': (s) => ['explain', s, 'mseal', '--json'],
  diff: (s) => ['diff', s, s, '--json'],
  subset: (s) => ['subset', s, s, '--json'],
  simulate: (s) => ['simulate', s, calls],
  audit: (s) => ['audit', record, '--profile', s, '--json'],
  verify: (s) => ['verify', s, subjects.program, '--json'],
  run: (s) => ['run', '--profile', s, '--dry-run', names],
  'run with libseccomp': (s) => ['run', '--profile', s, '--dry-run', names, '--backend', 'libseccomp'],
  compile: (s) => ['compile', s, '-f', 'json'],
  'compile with builtin': (s) => ['compile', s, '-f', 'json', '--backend', 'builtin'],
  resolve: (s) => ['resolve', s],
  report: (s) => ['report', s],
  validate: (s) => ['validate', s, ...(flawed[s] ?? []), '--json'],
  lint: (s) => ['lint', s, ...(flawed[s] ?? []), '--no-config', '--json'],
  union: (s) => ['union', s, s],
  'union for a host': (s) => ['union', s, s, '--to', 'oci'],
  intersect: (s) => ['intersect', s, s],
  simplify: (s) => ['simplify', s],
  'simplify for a host': (s) => ['simplify', s, '--to', 'oci'],
  rebase: (s) => ['rebase', s, '--from', 'docker-default', '--json'],
  'rebase for a host': (s) => ['rebase', s, '--from', 'docker-default', '--to', 'oci'],
  allow: (s) => ['allow', s, 'getcpu'],
  deny: (s) => ['deny', s, 'read'],
  convert: (s) => ['convert', s, '--to', 'minijail', '--stricter'],
  'convert to bwrap': (s) => ['convert', s, '--to', 'bwrap'],
  pull: (s) => ['pull', 'registry.example/web', '--baseline', s, '--json'],
  decompile: (s) => ['decompile', s, '--stricter'],
};

/** Values that change what is said of the subjects; where the first does not, one of the others does. */
const values: Readonly<Record<string, readonly string[]>> = {
  dialect: ['oci', 'podman', 'kubernetes'],
  engine: ['podman', 'docker'],
  object: ['web', 'nobody'],
  'base-dir': [join(folder, 'nowhere')],
  kernel: ['4.0'],
  caps: ['all', 'none'],
  cap: ['CAP_SYS_ADMIN'],
  runtime: ['crun'],
  library: [join(folder, 'nowhere.so')],
  table: ['2.6.1', '2.5.0'],
  'host-arch': ['aarch64'],
  endian: ['big'],
  timeout: ['0'],
  store: [join(folder, 'nowhere')],
};

const loaded = new Map<string, CommandDefinition>();
for (const [verb, row] of Object.entries<CommandRow>(commandTable)) {
  const { definition } = await row.load();
  loaded.set(verb, definition);
}

it('every command with such options is here', () => {
  const asked = new Set(Object.values(lines).map((line) => line('')[0]));
  const forgotten = [...loaded].filter(([verb, { options, arguments: operands }]) => {
    const hasSource = [...operands, ...Object.values(options)].some(
      ({ kind }) => kind === 'filter' || kind === 'profile',
    );
    return (
      !asked.has(verb) &&
      hasSource &&
      Object.keys(options).some((name) => Object.hasOwn(values, name) && name !== 'runtime')
    );
  });
  expect(forgotten.map(([verb]) => verb)).toEqual([]);
});

/** What a command line prints, or the message it is refused with. */
async function answer(words: readonly string[]): Promise<string> {
  printed.length = 0;
  const run = async () => (await runPlainly(words)) ?? (await runCommandLine(words));
  const code = await run().catch((error: unknown) => {
    if (!(error instanceof OciSeccompError)) throw error;
    return `${error.code} ${error.message}`;
  });
  return [code, ...printed].join('\n');
}

/** Of profiles that come with the program, all other options mean what they mean for a file, and take longer. */
const OF_BUILTIN = ['dialect', 'object', 'base-dir', 'endian'];
/** An object has no conditions that they could decide: verdicts are the same. */
const OF_CONDITIONS = ['engine', 'kernel', 'caps', 'cap'];
/** These take no program, and the other one takes nothing else. */
const OF_PROFILES =
  /^(?:compile|resolve|report|verify|run with|validate|lint|union|intersect|simplify|rebase|allow|deny)/;
const OF_PROGRAMS = /^decompile/;

const cells = Object.entries(lines).flatMap(([name, line]) =>
  (Object.keys(subjects) as Kind[])
    .filter((kind) => !(kind === 'program' ? OF_PROFILES : OF_PROGRAMS).test(name))
    .map((kind) => [name, kind, line(subjects[kind])] as const),
);

it.each(cells)('%s: each option matters for a %s, or is refused', async (_, kind, words) => {
  const [verb = ''] = words;
  const known = loaded.get(verb)?.options ?? {};
  const base = kind === 'object' && 'base-dir' in known ? ['--base-dir', folder] : [];
  const plain = await answer([...words, ...base]);
  expect(plain).not.toMatch(/^ERR_/);
  const ignored: string[] = [];
  for (const [option, tried] of Object.entries(values)) {
    if (known[option] === undefined) continue;
    if (kind === 'object' && OF_CONDITIONS.includes(option)) continue;
    if (kind === 'builtin' && !OF_BUILTIN.includes(option)) continue;
    const rest = option === 'base-dir' ? [] : base;
    let isRead = false;
    for (const value of tried) isRead ||= (await answer([...words, ...rest, `--${option}`, value])) !== plain;
    if (!isRead) ignored.push(option);
  }
  expect(ignored).toEqual([]);
});
