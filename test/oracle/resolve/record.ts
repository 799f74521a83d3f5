/**
 * Writes fixtures/resolve/recorded/moby.json: what moby's loader makes of fixtures/resolve/conditions.json on other
 * architectures and kernels, run under qemu-user, which also plays the kernel release. Needs golang-go,
 * qemu-user-static and a moby loader of 26.1 (Debian 13's golang-github-docker-docker-dev):
 *
 *     OCI_SECCOMP_GOPATH=… npm run tool -- test/oracle/resolve/record.ts 26.1.5
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release as ownRelease, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildLoader, runLoader } from './oracle.ts';

/** GOARCH, and what qemu calls it. */
const machines = {
  amd64: 'x86_64',
  // Go's 386 programs crash under qemu-i386 7.2; an x86_64 machine runs them itself, with its own release.
  '386': undefined,
  arm64: 'aarch64',
  arm: 'arm',
  mips: 'mips',
  mipsle: 'mipsel',
  mips64: 'mips64',
  mips64le: 'mips64el',
  ppc64: 'ppc64',
  ppc64le: 'ppc64le',
  s390x: 's390x',
};
const releases = ['2.6.32-754.el6.x86_64', '3.10.0-1160.el7', '4.8.0-rc1', '6.1.0-18-amd64', '7.0'];
const capabilitySets = [[], ['CAP_CHOWN'], ['CAP_SYS_ADMIN', 'CAP_CHOWN']];

export interface Recorded {
  readonly goArch: string;
  readonly release: string;
  readonly caps: readonly string[];
  readonly architectures: readonly string[];
  /** Of the rules that are kept; each rule of the fixture has one name of its own. */
  readonly names: readonly string[];
}

interface Answer {
  readonly seccomp: { readonly architectures?: string[]; readonly syscalls: { readonly names: string[] }[] };
}

function record(directory: string, goArch: keyof typeof machines, profile: string): readonly Recorded[] {
  const program = buildLoader('moby', directory, { GOARCH: goArch, CGO_ENABLED: '0' }, 'test/oracle/resolve');
  // What depends on the kernel and the capabilities does not depend on the architecture.
  const machine = machines[goArch];
  const hosts = goArch === 'amd64' ? releases : [machine === undefined ? ownRelease() : '6.1.0'];
  const sets = goArch === 'amd64' ? capabilitySets : [['CAP_CHOWN']];
  return hosts.flatMap((release) => {
    const emulator = machine === undefined ? [] : [`qemu-${machine}-static`, '-r', release];
    const command = [...emulator, program];
    const lines = runLoader(
      command,
      sets.map((caps) => ({ profile, caps })),
    );
    return lines.map((line, i) => {
      const { seccomp }: Answer = JSON.parse(line);
      const names = seccomp.syscalls.flatMap((syscall) => syscall.names);
      return { goArch, release, caps: sets[i] ?? [], architectures: seccomp.architectures ?? [], names };
    });
  });
}

const directory = mkdtempSync(join(tmpdir(), 'oci-seccomp-record-'));
try {
  const profile = readFileSync('fixtures/resolve/conditions.json', 'utf8');
  const rows = (Object.keys(machines) as (keyof typeof machines)[]).flatMap((arch) =>
    record(directory, arch, profile),
  );
  const generator = 'test/oracle/resolve/record.ts, do not edit';
  const loader = `moby ${process.argv[2]}`;
  const lines = rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n');
  const text = `{\n  "generator": "${generator}",\n  "loader": "${loader}",\n  "results": [\n${lines}\n  ]\n}\n`;
  writeFileSync('fixtures/resolve/recorded/moby.json', text);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
