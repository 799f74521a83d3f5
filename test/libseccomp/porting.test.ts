/**
 * docs/porting.md: every line about Python and Go is run there and here. The tables of the page and those of this test
 * have the same lines.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import * as binding from '../../src/libseccomp/index.ts';
import { projectRoot } from '../../tools/debian-cache.ts';
import { skipUnless } from '../oracle/libraries.ts';

const { Filter, allow, errno } = binding;
type Filter = InstanceType<typeof Filter>;

/** The page's line, code to run there, what comes of it there, the same here, and what comes of it here. */
type Row = readonly [string, string, string | RegExp, (filter: Filter) => unknown, unknown];

const page = readFileSync(join(projectRoot(), 'docs/porting.md'), 'utf8');

/** First cells of the table below a heading. */
function linesOf(heading: string): readonly string[] {
  const section = page.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^\| (`.*?) \| /gm)].map((match) => match[1] ?? '');
}

/** A result, or the code and errno of an error. */
function outcome(work: (filter: Filter) => unknown): unknown {
  const filter = new Filter(allow());
  try {
    return work(filter);
  } catch (error) {
    if (!(error instanceof binding.OciSeccompError)) throw error;
    return error.code === 'ERR_LIBSECCOMP' ? `${error.code} ${error.details.errno}` : error.code;
  } finally {
    filter.release();
  }
}

// What a caller without types can write.
const loose = (value: unknown): never => value as never;

const python: readonly Row[] = [
  [
    '`f.reset()`',
    '(f.reset(), f.get_attr(Attr.ACT_DEFAULT))[1]',
    String(0),
    (f) => (f.reset as () => void)(),
    'ERR_USAGE',
  ],
  [
    '`f.add_rule(ALLOW, "read")`',
    'f.add_rule(ALLOW, "read")',
    'RuntimeError Library error (errno = -13)',
    (f) => f.addRule(allow(), 'read'),
    'ERR_LIBSECCOMP 13',
  ],
  [
    '`f.add_rule(ERRNO(1), "nosuch")`',
    'f.add_rule(ERRNO(1), "nosuch")',
    'RuntimeError Library error (errno = -22)',
    (f) => f.addRule(errno(1), 'nosuch'),
    'ERR_USAGE',
  ],
  [
    '`f.add_rule(ERRNO(1), "read", Arg(0, MASKED_EQ, 3))`',
    'pfc(Arg(0, MASKED_EQ, 3)) == pfc(Arg(0, MASKED_EQ, 3, 0))',
    'True',
    (f) => f.addRule(errno(1), 'read', loose([{ index: 0, op: '&=', value: 3 }])),
    'ERR_USAGE',
  ],
  [
    '`Arg(0, EQ, -1)`',
    'Arg(0, EQ, -1)',
    /^OverflowError/,
    (f) => f.addRule(errno(1), 'read', [{ index: 0, op: '==', value: -1 }]),
    'ERR_USAGE',
  ],
  [
    '`Arg(9, EQ, 1)`',
    'f.add_rule(ERRNO(1), "read", Arg(9, EQ, 1))',
    'RuntimeError Library error (errno = -22)',
    (f) => f.addRule(errno(1), 'read', [{ index: 9, op: '==', value: 1 }]),
    'ERR_USAGE',
  ],
  ['`ERRNO(65536)`', 'ERRNO(65536) == ERRNO(0)', 'True', () => errno(65_536), 'ERR_USAGE'],
  ['`ERRNO("EPERM")`', 'ERRNO("EPERM")', /^TypeError/, () => errno('EPERM'), { kind: 'errno', errno: 1 }],
  [
    '`Arch("amd64")`',
    'Arch("amd64")',
    'ValueError Invalid architecture',
    () => [binding.findArch('amd64'), binding.findArch('SCMP_ARCH_X86_64')],
    ['x86_64', 'x86_64'],
  ],
  [
    '`f.add_arch(Arch())`',
    'f.add_arch(Arch())',
    'RuntimeError Library error (errno = -17)',
    (f) => f.addArch('native'),
    'ERR_LIBSECCOMP 17',
  ],
  [
    '`f.remove_arch(Arch("x86"))`',
    'f.remove_arch(Arch("x86"))',
    'RuntimeError Library error (errno = -17)',
    (f) => f.removeArch('x86'),
    'ERR_LIBSECCOMP 17',
  ],
  [
    '`resolve_syscall(Arch(), "nosuch")`',
    'resolve_syscall(Arch(), "nosuch")',
    '-1',
    () => binding.resolveSyscall('nosuch'),
    undefined,
  ],
  [
    '`resolve_syscall(Arch(), 99999)`',
    'resolve_syscall(Arch(), 99999)',
    /^ValueError/,
    () => binding.resolveSyscall(99_999),
    undefined,
  ],
  [
    '`resolve_syscall(Arch(), 0)`',
    'resolve_syscall(Arch(), 0)',
    "b'read'",
    () => binding.resolveSyscall(0, 'native'),
    'read',
  ],
  [
    '`f.syscall_priority("read", 256)`',
    'f.syscall_priority("read", 256)',
    /^ValueError/,
    (f) => f.syscallPriority('read', 256),
    'ERR_USAGE',
  ],
  [
    '`f.set_attr(Attr.CTL_NNP, 7)`',
    '(f.set_attr(Attr.CTL_NNP, 7), f.get_attr(Attr.CTL_NNP))[1]',
    '1',
    (f) => f.setAttribute('CTL_NNP', loose(7)),
    'ERR_USAGE',
  ],
  ['`f.get_attr(Attr.CTL_NNP)`', 'f.get_attr(Attr.CTL_NNP)', '1', (f) => f.getAttribute('CTL_NNP'), true],
  [
    '`f.get_attr(Attr.CTL_TSYNC)`',
    'f.get_attr(Attr.CTL_TSYNC)',
    '0',
    (f) => f.getAttribute('CTL_TSYNC'),
    false,
  ],
  [
    '`f.get_attr(Attr.ACT_BADARCH)`',
    'f.get_attr(Attr.ACT_BADARCH)',
    '0',
    (f) => f.getAttribute('ACT_BADARCH'),
    { kind: 'killThread' },
  ],
  [
    '`f.export_bpf("path")`',
    'f.export_bpf("path")',
    /^AttributeError/,
    (f) => f.exportBpf() instanceof Uint8Array,
    true,
  ],
  ['`set_api(99)`', 'set_api(99)', 'ValueError Invalid level', () => binding.setApiLevel(99), 'ERR_USAGE'],
  [
    '`a.merge(b)`, then `b.exist_arch(Arch())`',
    'merged()',
    'SIGSEGV',
    (f) => {
      const source = new Filter(allow());
      source.addArch('x86');
      source.removeArch('native');
      f.merge(source);
      return source.hasArch('native');
    },
    'ERR_LIBSECCOMP_RELEASED',
  ],
];

const go: readonly Row[] = [
  [
    '`f.AddArch(ArchNative)`',
    'f.AddArch(sc.ArchNative)',
    '<nil>',
    (f) => f.addArch('native'),
    'ERR_LIBSECCOMP 17',
  ],
  [
    '`f.RemoveArch(ArchX86)`',
    'f.RemoveArch(sc.ArchX86)',
    '<nil>',
    (f) => f.removeArch('x86'),
    'ERR_LIBSECCOMP 17',
  ],
  [
    '`f.AddRule(read, ActAllow)`',
    'f.AddRule(read, sc.ActAllow)',
    'requested action matches default action of filter',
    (f) => f.addRule(allow(), 'read'),
    'ERR_LIBSECCOMP 13',
  ],
  [
    '`ActErrno`',
    'sc.ActErrno.GetReturnCode()',
    '0',
    () => (errno as unknown as () => unknown)(),
    'ERR_USAGE',
  ],
  [
    '`ActAllow.SetReturnCode(5)`',
    'sc.ActAllow.SetReturnCode(5) == sc.ActAllow',
    'true',
    () => binding.withActionData(allow(), 5),
    'ERR_USAGE',
  ],
  [
    '`ActErrno.SetReturnCode(-1)`',
    'f.AddRule(read, sc.ActErrno.SetReturnCode(-1))',
    'two checks on same syscall argument',
    () => binding.withActionData(errno(1), -1),
    'ERR_USAGE',
  ],
  [
    '`MakeCondition(0, CompareMaskedEqual, 3)`',
    'condition(0, sc.CompareMaskedEqual, 3)',
    '{0 Masked equality 3 0} <nil>',
    (f) => f.addRule(errno(1), 'read', loose([{ index: 0, op: '&=', value: 3 }])),
    'ERR_USAGE',
  ],
  [
    '`MakeCondition(6, CompareEqual, 3)`',
    'condition(6, sc.CompareEqual, 3)',
    /up to 6 arguments/,
    (f) => f.addRule(errno(1), 'read', [{ index: 6, op: '==', value: 3 }]),
    'ERR_USAGE',
  ],
  [
    '`GetSyscallFromName("nosuch")`',
    'second(sc.GetSyscallFromName("nosuch"))',
    'could not resolve syscall name',
    () => binding.resolveSyscall('nosuch'),
    undefined,
  ],
  [
    '`ScmpSyscall(99999).GetName()`',
    'secondText(sc.ScmpSyscall(99999).GetName())',
    'could not resolve syscall name',
    () => binding.resolveSyscall(99_999),
    undefined,
  ],
  [
    '`GetArchFromString("SCMP_ARCH_X86_64")`',
    'secondArch(sc.GetArchFromString("SCMP_ARCH_X86_64"))',
    /unrecognized/,
    () => binding.findArch('SCMP_ARCH_X86_64'),
    'x86_64',
  ],
  [
    '`f.AddRuleConditional(read, ActErrno, twoOnOneArgument)`',
    'f.AddRuleConditional(read, sc.ActErrno, []sc.ScmpCondition{{0, sc.CompareEqual, 1, 0}, {0, sc.CompareEqual, 2, 0}})',
    'two checks on same syscall argument',
    (f) =>
      f.addRule(errno(1), 'read', [
        { index: 0, op: '==', value: 1 },
        { index: 0, op: '==', value: 2 },
      ]),
    'ERR_LIBSECCOMP 22',
  ],
  [
    '`f.Release()`, then `f.AddRule(read, ActTrap)`',
    'released(f, read)',
    'filter is invalid or uninitialized',
    (f) => {
      f.release();
      f.addRule(binding.trap(), 'read');
    },
    'ERR_LIBSECCOMP_RELEASED',
  ],
  ['`f.GetNoNewPrivsBit()`', 'bit(f.GetNoNewPrivsBit())', 'true', (f) => f.getAttribute('CTL_NNP'), true],
  [
    '`ActKill == ActKillThread`',
    'sc.ActKill == sc.ActKillThread',
    'true',
    () => [binding.kill(), binding.killThread()],
    [{ kind: 'killThread' }, { kind: 'killThread' }],
  ],
];

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-porting-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PYTHON = '/usr/bin/python3';
const hasPython = spawnSync(PYTHON, ['-c', 'import seccomp'], { stdio: 'ignore' }).status === 0;

/** Each line in a process of its own: one of them crashes it. */
const pythonProgram = `
import json, os, signal, sys, tempfile
from seccomp import *

def pfc(arg):
    f = SyscallFilter(ALLOW)
    f.add_rule(ERRNO(1), "read", arg)
    with tempfile.TemporaryFile() as file:
        f.export_pfc(file)
        file.seek(0)
        return file.read()

def merged():
    a, b = SyscallFilter(ALLOW), SyscallFilter(ALLOW)
    b.add_arch(Arch("x86"))
    b.remove_arch(Arch())
    a.merge(b)
    return b.exist_arch(Arch())

for code in json.load(sys.stdin):
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        f = SyscallFilter(ALLOW)
        try:
            print(eval(code), flush=True)
        except Exception as error:
            print(type(error).__name__, error, flush=True)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status < 0:
        print(signal.Signals(-status).name, flush=True)
`;

const goFolder = '/usr/share/gocode/src/github.com/seccomp/libseccomp-golang';
const hasGo = existsSync(goFolder) && spawnSync('go', ['version'], { stdio: 'ignore' }).status === 0;
const goProgram = (codes: readonly string[]): string => `package main

import (
	"fmt"
	sc "github.com/seccomp/libseccomp-golang"
)

func condition(index uint, op sc.ScmpCompareOp, value uint64) string {
	made, err := sc.MakeCondition(index, op, value)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(made, err)
}
func second(_ sc.ScmpSyscall, err error) error { return err }
func secondText(_ string, err error) error { return err }
func secondArch(_ sc.ScmpArch, err error) error { return err }
func bit(set bool, _ error) bool { return set }
func released(f *sc.ScmpFilter, read sc.ScmpSyscall) error { f.Release(); return f.AddRule(read, sc.ActTrap) }

func main() {
	read, _ := sc.GetSyscallFromName("read")
${codes.map((code) => `\t{\n\t\tf, _ := sc.NewFilter(sc.ActAllow)\n\t\t_ = f\n\t\tfmt.Println(${code})\n\t}`).join('\n')}
}
`;

function runGo(codes: readonly string[]) {
  const file = join(folder, 'main.go');
  writeFileSync(file, goProgram(codes));
  const env = {
    ...process.env,
    GO111MODULE: 'off',
    GOPATH: '/usr/share/gocode',
    // Kept, as other programs of tests are; and not in the home of who runs them.
    GOCACHE: join(projectRoot(), '.cache/go-build'),
  };
  return spawnSync('go', ['run', file], { encoding: 'utf8', env });
}

const needs = (present: boolean, bring: string): string =>
  present ? '' : ` [skipped, needs apt-get install ${bring}]`;

describe.each([
  ['Python', python],
  ['Go', go],
] as const)('coming from %s, here', (language, rows) => {
  it('is what the page tells', () => {
    expect(linesOf(language)).toEqual(rows.map(([line]) => line));
  });

  it.each(rows)('%s', (_line, _code, _there, here, expected) => {
    expect(outcome(here)).toEqual(expected);
  });
});

describe.skipIf(skipUnless(hasPython))(`Python${needs(hasPython, 'python3-seccomp')}`, () => {
  it('does what the page says', () => {
    const codes = python.map(([, code]) => code);
    const { stdout, stderr } = spawnSync(PYTHON, ['-c', pythonProgram], {
      input: JSON.stringify(codes),
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toEqual(
      python.map(([, , there]) => (typeof there === 'string' ? there : expect.stringMatching(there))),
    );
  });
});

describe.skipIf(skipUnless(hasGo))(
  `Go${needs(hasGo, 'golang golang-github-seccomp-libseccomp-golang-dev')}`,
  () => {
    it('does what the page says', () => {
      const { stdout, stderr } = runGo(go.map(([, code]) => code));
      expect(stderr).toBe('');
      const lines = stdout.trimEnd().split('\n');
      expect(lines).toEqual(
        go.map(([, , there]) => (typeof there === 'string' ? there : expect.stringMatching(there))),
      );
    });
  },
);

describe('coming from Perl, here', () => {
  it.each(['=~', 'me'])('%s is no operator', (op) => {
    expect(
      outcome((f) => f.addRule(errno(1), 'read', loose([{ index: 2, op, value: 3, valueTwo: 1 }]))),
    ).toBe('ERR_USAGE');
  });

  it.each(['ne', 'lt', 'le', 'eq', 'ge', 'gt'] as const)('%s is one', (op) => {
    expect(outcome((f) => f.addRule(errno(1), 'read', [{ index: 2, op, value: 3 }]))).toBe(undefined);
  });
});
