/**
 * What an operand of disasm, explain, diff, subset and verify is taken for, and what is said when it is nothing of all.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { decodeProgram } from '../../src/bpf/program.ts';
import { emitFilter } from '../../src/compile/emit.ts';
import { emitFormatRows, emitFormats } from '../../src/compile/emit-formats.ts';
import { OciSeccompError } from '../../src/errors.ts';
import { type FilterSource, loadFilterSource } from '../../src/pipeline/filter-source.ts';
import type { ProgramSource } from '../../src/pipeline/process-source.ts';
import { type Bundle, bundleProgram } from '../kernel/support/bundle.ts';
import { allows, denies, endTargets, startTarget, statusLine } from '../kernel/support/target.ts';
import { describeWith } from '../oracle/support/require.ts';

const root = resolve(import.meta.dirname, '../..');
/** chronyd's filter: 148 instructions. */
const base64 = readFileSync(join(root, 'fixtures/programs/chronyd.b64'), 'utf8');
const raw = Uint8Array.from(Buffer.from(base64, 'base64'));
const program = decodeProgram(raw, 'little');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-subject-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(endTargets);

/** Reads a file of the given content; its path is `FILE` in what comes back. */
async function load(content: string | Uint8Array, options = {}): Promise<FilterSource> {
  const path = join(folder, 'file');
  writeFileSync(path, content);
  return loadFilterSource(path, options);
}

async function failure(work: Promise<unknown>): Promise<OciSeccompError> {
  const error = await work.then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof OciSeccompError) return error;
  throw error;
}

function asProgram(subject: FilterSource): ProgramSource {
  if (subject.kind !== 'program') throw new Error('a profile');
  return subject;
}

const compiled = {
  program,
  endian: 'little',
  pfc: undefined,
  stubLength: 0,
  compiler: 'libseccomp 0.0.0',
} as unknown as Parameters<typeof emitFilter>[0];

describe('loadFilterSource, on programs', () => {
  it.each(emitFormats.filter((format) => emitFormatRows[format].isRead))(
    'reads what compile --format %s writes',
    async (format) => {
      const subject = asProgram(await load(emitFilter(compiled, format)));
      const lines = format === 'asm' ? { lines: expect.any(Array) } : {};
      expect(subject.filters).toEqual([{ program, endian: 'little', ...lines }]);
      expect(subject.name).toBe(join(folder, 'file'));
      expect(subject.warnings).toEqual([]);
    },
  );

  it.each([
    ['rows of a C array', '{ 0x20, 0, 0, 4 },\n{ 0x06, 0, 0, 0x7fff0000 },\n', 2],
    ['a C header under a comment', '/* made { "by": hand } */\n{ 0x06, 0, 0, 0x7fff0000 },\n', 1],
    ['hexadecimal digits', '06000000 0000ff7f', 1],
    ['assembly', 'ld [nr]\nret ALLOW\n', 2],
    [
      'JSON of a program with other members first',
      '{"a":1,"instructions":[{"code":6,"jt":0,"jf":0,"k":0}]}',
      1,
    ],
  ])('reads %s', async (_, text, length) => {
    expect(asProgram(await load(text)).filters[0]?.program).toHaveLength(length);
  });

  it('takes the byte order it is told', async () => {
    // Opcode 0 in all: only the option can say it.
    const [filter] = asProgram(await load(new Uint8Array(8), { endian: 'big' })).filters;
    expect(filter?.endian).toBe('big');
    expect((await failure(load(new Uint8Array(8)))).hint).toMatch(/--endian/);
  });
});

describe('loadFilterSource, on profiles', () => {
  const profile = '{ "defaultAction": "SCMP_ACT_ALLOW" }';

  it.each([
    ['a profile', profile],
    ['one after white space', `\n\t ${profile}`],
    [
      'one with a member called instructions below',
      profile.replace('}', ', "listenerPath": "instructions" }'),
    ],
  ])('reads %s', async (_, text) => {
    const subject = await load(text);
    expect(subject.kind).toBe('profile');
  });

  it('knows the built-in ones', async () => {
    const subject = await loadFilterSource('docker-default');
    expect(subject).toMatchObject({ kind: 'profile', input: { name: 'docker-default' } });
  });

  it.each([
    ['JSON that breaks off', '{ "defaultAction": ', {}, 'ERR_PROFILE_SYNTAX', 'invalid-json'],
    ['JSON with a comment on top', `// mine\n${profile}`, {}, 'ERR_PROFILE_SYNTAX', 'comment'],
    ['JSON with a byte-order mark', `\ufeff${profile}`, {}, 'ERR_PROFILE_SYNTAX', 'byte-order-mark'],
    ['YAML', 'defaultAction: SCMP_ACT_ALLOW\n', {}, 'ERR_PROFILE_SYNTAX', 'yaml-document'],
    ['Kubernetes objects', 'apiVersion: x\nkind: Pod\n', {}, 'ERR_PROFILE_SCHEMA', 'kubernetes-dialect'],
    ['UTF-16', Buffer.from(`\ufeff${profile}`, 'utf16le'), {}, 'ERR_PROFILE_SYNTAX', 'invalid-utf8'],
    ['another JSON object', '{ "name": "x" }', {}, 'ERR_PROFILE_SCHEMA', 'not-a-profile'],
    [
      'a program where --dialect asks for a profile',
      '[]',
      { dialect: 'oci' },
      'ERR_PROFILE_SCHEMA',
      'not-a-profile',
    ],
  ])('leaves %s to the reader of profiles', async (_, content, options, code, problem) => {
    const error = await failure(load(content, options));
    expect(error.code).toBe(code);
    expect(error.details.problems).toMatchObject([{ code: problem }]);
  });
});

describe('loadFilterSource, on anything else', () => {
  const FORMS = /^a profile is a JSON object, or a Kubernetes object in YAML; a program is raw BPF, base64/;

  it.each([
    ['an empty file', '', /FILE is empty$/],
    ['white space', ' \n', /FILE can be read neither as a profile nor as a program: it is blank$/],
    ['a sentence', 'hello world\n', /FILE can be read neither as a profile nor as a program: /],
    [
      'a shell script',
      '#!/bin/sh\nset -e\nexit 1\n',
      /nor as a program: line 1: unknown instruction '#!\/bin\/sh'$/,
    ],
    [
      'half an instruction',
      raw.subarray(0, 4),
      /nor as a program: it ends too early: after byte 0 come 4 bytes/,
    ],
    ['a huge file', new Uint8Array(5_000_000), /FILE is longer than any profile or program$/],
  ])('says what could be read: %s', async (_, content, message) => {
    const error = await failure(load(content));
    expect(error.code).toBe('ERR_BPF_INVALID');
    expect(error.message.replace(join(folder, 'file'), 'FILE')).toMatch(message);
    expect(error.hint).toMatch(FORMS);
    expect(error.details.problems).toBeUndefined();
  });

  it('shows the mistakes of a program that is one but for them', async () => {
    const error = await failure(load('ld [nr]\njeq 1, 0, 1\nrett ALLOW\nret ALLOW\n'));
    expect(error.details.problems).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ line: 3, message: expect.stringContaining("'rett'") }),
      ]),
    );
  });

  it.each([
    ['missing', 'no such file or directory', undefined],
    ['dockerdefault', 'no such file or directory', /did you mean docker-default\?/],
    ['1234', 'no such file or directory', /^a process is written pid:1234$/],
    ['.', 'it is a directory', undefined],
  ])('says why %s cannot be read', async (operand, reason, hint) => {
    const path = operand === 'missing' ? join(folder, operand) : operand;
    const error = await failure(loadFilterSource(path));
    expect(error.code).toBe('ERR_IO');
    expect(error.message).toBe(`cannot read ${path}: ${reason}`);
    if (hint === undefined) expect(error.hint).toBeUndefined();
    else expect(error.hint).toMatch(hint);
  });
});

describe('loadFilterSource, on standard input', () => {
  let loader: Bundle;
  beforeAll(async () => {
    loader = await bundleProgram('test/pipeline/support/load-filter-source.ts');
  });
  afterAll(() => loader.remove());

  it.each([
    ['a program', raw, 'program <stdin>: 148'],
    ['a profile', '{ "defaultAction": "SCMP_ACT_ALLOW" }', 'profile <stdin>'],
    ['nothing', '', /^error: <stdin> is empty \[ERR_BPF_INVALID\]/],
    ['what has no end', undefined, /^error: <stdin> is longer than any profile or program/],
  ])('reads %s', (_, input, expected) => {
    const script = `exec "$@" ${input === undefined ? '< /dev/zero' : ''}`;
    const args = ['-c', script, 'sh', process.execPath, loader.file, '-'];
    const { stdout, stderr } = spawnSync('sh', args, { input: input ?? '', encoding: 'utf8' });
    expect(stderr.replace(/^\(node.*\n/gm, '')).toBe('');
    expect(stdout).toMatch(expected);
  });
});

describe('loadFilterSource, on processes', () => {
  it.each([
    ['pid:', 'ERR_USAGE', /^'' is not a process ID$/],
    ['pid:nginx', 'ERR_USAGE', /^'nginx' is not a process ID$/],
    ['pid:-1', 'ERR_USAGE', /^'-1' is not a process ID$/],
    ['pid:0', 'ERR_USAGE', /^a process is a whole number from 1 to 4194304, not 0$/],
    ['pid:99999999999', 'ERR_USAGE', /not 99999999999$/],
  ])('refuses %s', async (operand, code, message) => {
    const error = await failure(loadFilterSource(operand));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('says that there is no such process', async () => {
    const { pid } = spawnSync('true');
    const error = await failure(loadFilterSource(`pid:${pid}`));
    expect(error).toMatchObject({ code: 'ERR_KERNEL', message: `there is no process ${pid}` });
  });
});

describeWith(['ptrace', 'cc', 'x86_64'], 'loadFilterSource, on live processes', () => {
  it('reads all filters, oldest first', async () => {
    const { pid } = await startTarget(['count'], { filters: [allows(7), denies(163)] });
    const subject = asProgram(await loadFilterSource(`pid:${pid}`));
    expect(subject.filters.map((filter) => filter.program.length)).toEqual([7, 4]);
    expect(subject.name).toMatch(/^process \d+ \(filter-target.*\)$/);
    expect(subject.warnings).toEqual([]);
  });

  it('says that nothing is filtered, and where the right process may be found', async () => {
    const { pid } = await startTarget(['count']);
    const error = await failure(loadFilterSource(`pid:${pid}`));
    expect(error.code).toBe('ERR_NO_FILTER');
    expect(error.message).toMatch(
      /^process \d+ \(filter-target.*\) has no seccomp filter: nothing is filtered$/,
    );
    expect(error.hint).toMatch(/runc state ID, podman inspect .*, docker inspect /);
  });

  it('warns of threads under other filters', async () => {
    const target = await startTarget(['count'], {
      filters: [allows(2)],
      threads: [allows(3), denies(163), allows(3)],
    });
    const subject = asProgram(await loadFilterSource(`pid:${target.pid}`));
    expect(subject.filters).toHaveLength(1);
    expect(subject.warnings).toEqual([
      expect.stringMatching(/^threads (\d+), \d+ run under other filters: pid:\1 shows those of the first$/),
      expect.stringMatching(/^thread (\d+) runs under other filters: pid:\1 shows them$/),
    ]);
    const tid = /\d+/.exec(subject.warnings[1] ?? '')?.[0] ?? '';
    expect(asProgram(await loadFilterSource(`pid:${tid}`))).toMatchObject({
      filters: [{}, {}],
      warnings: [],
    });
  });

  it('points to the thread that has a filter when the first has none', async () => {
    const { pid } = await startTarget(['count'], { threads: [denies(163)] });
    expect(statusLine(pid, 'Seccomp')).toBe('0');
    const error = await failure(loadFilterSource(`pid:${pid}`));
    expect(error.code).toBe('ERR_NO_FILTER');
    expect(error.hint).toMatch(/^its thread \d+ runs under other filters: pid:\d+ shows them$/);
  });
});
