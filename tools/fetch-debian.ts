/**
 * Fetches the libseccomp, runc, crun and runsc packages of several Debian suites and unpacks them, installing nothing, into
 * `.cache/debian/<package>-<version>/`; tests compare with them (test/oracle/libraries.ts finds them).
 *
 * The mirror is the one this machine's own apt sources name, only the suite differs; apt checks the signatures.
 * Programs get the libraries of their own suite beside them and are pointed there, so they run on an older Debian.
 * What has been fetched is written down in `.cache/debian/manifest.json`: a second run finds everything there and uses
 * no network.
 *
 *   node tools/run.mjs tools/fetch-debian.ts             fetch what is missing
 *   node tools/run.mjs tools/fetch-debian.ts --list      print what is there and whether it answers
 *   node tools/run.mjs tools/fetch-debian.ts --refresh   look for newer versions
 * @module
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { fetchedLibraries, fetchedPrograms } from '../test/oracle/libraries.ts';
import { mirror, openSuite, type PrivateApt, run } from './debian-apt.ts';
import { debianCache, type FetchedPackage, findUnpacked, readManifest } from './debian-cache.ts';
import { KERNEL_SOURCE } from './prototype-table.ts';

interface Wanted {
  readonly package: string;
  readonly suite: string;
  /** A program needs the libraries of its suite. A library is used with this machine's, or emulated with the packages of `with`. */
  readonly kind: 'library' | 'program';
  readonly why: string;
  /** Another architecture than this machine's, by Debian's name. */
  readonly arch?: string;
  /** Packages that are unpacked into the same folder. */
  readonly with?: readonly string[];
}

const wanted: readonly Wanted[] = [
  { package: 'libseccomp2', suite: 'bookworm', kind: 'library', why: 'libseccomp 2.5.4' },
  { package: 'libseccomp2', suite: 'trixie', kind: 'library', why: 'libseccomp 2.6.0' },
  { package: 'libseccomp2', suite: 'sid', kind: 'library', why: 'libseccomp 2.6.1, source of the tables' },
  {
    package: 'runc',
    suite: 'trixie',
    kind: 'program',
    why: 'runc 1.1.15: native architecture always in the stub',
  },
  { package: 'runc', suite: 'sid', kind: 'program', why: 'runc from 1.2 on: binary tree' },
  { package: 'crun', suite: 'trixie', kind: 'program', why: 'crun 1.21' },
  { package: 'crun', suite: 'sid', kind: 'program', why: 'newest crun' },
  { package: 'runsc', suite: 'trixie', kind: 'library', why: 'gVisor: a static program' },
  { package: 'linux-libc-dev', suite: 'sid', kind: 'library', why: 'kernel headers of all architectures' },
];
/** What systemd-analyze needs to print its sets of calls; it runs as a plain program with the libraries of its suite. */
const systemdLibraries = `
  libsystemd-shared libsystemd0 libc6 libseccomp2 libcap2 libacl1 libmount1 libblkid1 libcrypt1 libpam0g
  libselinux1 libssl3t64 libpcre2-8-0 libaudit1 libcap-ng0 libzstd1 zlib1g libgcc-s1 liblz4-1 liblzma5
  libkmod2 libapparmor1 libgcrypt20 libgpg-error0`
  .trim()
  .split(/\s+/);
const systemds: readonly Wanted[] = ['trixie', 'sid'].map((suite) => ({
  package: 'systemd',
  suite,
  kind: 'library',
  why: 'the sets of SystemCallFilter= of newer releases',
  with: systemdLibraries,
}));
/** ausearch(8). The package starts a daemon when it is installed, which takes the kernel's records from the other tests. */
const audit: Wanted = {
  package: 'auditd',
  suite: 'bookworm',
  kind: 'library',
  why: 'ausearch',
  with: ['libaudit1', 'libauparse0', 'libcap-ng0'],
};
/** libseccomp on a big-endian machine: qemu runs it, Python calls it (test/oracle/support/libseccomp-build.py). */
const bigEndian: Wanted = {
  package: 'libseccomp2',
  suite: 'bookworm',
  kind: 'library',
  why: 'libseccomp on a big-endian machine',
  arch: 's390x',
  with: [
    'libc6',
    'libexpat1',
    'libffi8',
    'libgcc-s1',
    'libpython3.11-minimal',
    'libpython3.11-stdlib',
    'python3.11-minimal',
    'zlib1g',
  ],
};
/** libseccomp's own tests, which test/libseccomp/python-tests.test.ts runs; nothing else of the source is kept. */
const sources: readonly Source[] = [
  { package: 'libseccomp', suite: 'bookworm' },
  { package: 'libseccomp', suite: 'trixie' },
];
/** Rewrites the paths programs find their libraries by; the oldest suite's runs on every newer one. */
const patchelf: Wanted = {
  package: 'patchelf',
  suite: 'bookworm',
  kind: 'library',
  why: 'points programs at libraries',
};

/** Where the kernel defines system calls: of its sources nothing else is kept. */
const kernelFolders = [
  'arch',
  'block',
  'drivers',
  'fs',
  'io_uring',
  'ipc',
  'kernel',
  'lib',
  'mm',
  'net',
  'security',
];

interface Source {
  /** A source package. */
  readonly package: string;
  readonly suite: string;
}

/** What the manifest calls it: `libseccomp2:s390x`, as apt does. */
function manifestName(want: Wanted): string {
  return want.arch === undefined ? want.package : `${want.package}:${want.arch}`;
}

function fetchOne(apt: PrivateApt, want: Wanted): FetchedPackage {
  const version = apt.candidate(want.package);
  const suffix = want.arch === undefined ? '' : `-${want.arch}`;
  const directory = `${want.package}-${version.replace(/^\d+:/, '')}${suffix}`;
  const target = join(debianCache(), directory);
  if (!existsSync(target)) {
    const scratch = `${target}.partial`;
    rmSync(scratch, { recursive: true, force: true });
    mkdirSync(join(scratch, 'debs'), { recursive: true });
    const all = want.kind === 'program' ? apt.closure(want.package) : [want.package, ...(want.with ?? [])];
    apt.download(all, join(scratch, 'debs'));
    for (const file of readdirSync(join(scratch, 'debs')))
      run('dpkg', ['-x', join(scratch, 'debs', file), scratch]);
    rmSync(join(scratch, 'debs'), { recursive: true });
    // Not renameSync: an unpacked folder on an overlay file system cannot always be renamed.
    run('mv', [scratch, target]);
  }
  return { package: manifestName(want), suite: want.suite, version, directory };
}

function fetchSource(uri: string, { package: name, suite }: Source): FetchedPackage {
  process.stderr.write(`${suite}: source of ${name} (its own tests)\n`);
  const scratch = join(debianCache(), 'source.partial');
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(join(scratch, 'tests'), { recursive: true });
  openSuite(uri, suite, undefined, 'deb-src').downloadSource(name, scratch);
  const tarball = readdirSync(scratch).find((file) => file.includes('.orig.tar.'));
  const version = /_([^_]+)\.orig\.tar/.exec(tarball ?? '')?.[1];
  if (tarball === undefined || version === undefined) throw new Error(`${suite} has no source of ${name}`);
  const members = ['*/tests/*.py', '*/tests/*.tests'];
  const words = ['-xf', tarball, '--strip-components=2', '-C', 'tests', '--wildcards', ...members];
  run('tar', words, scratch);
  const directory = `${name}-tests-${version}`;
  rmSync(join(debianCache(), directory), { recursive: true, force: true });
  run('mv', [join(scratch, 'tests'), join(debianCache(), directory)]);
  rmSync(scratch, { recursive: true });
  return { package: `src:${name}`, suite, version, directory };
}

/** The files of the newest kernel that define system calls, and its tables of their numbers. */
function fetchKernelSource(uri: string): FetchedPackage {
  process.stderr.write('sid: linux-source (prototypes of system calls; about 160 MB are downloaded)\n');
  const apt = openSuite(uri, 'sid', undefined);
  const name = apt.closure(KERNEL_SOURCE).find((each) => /^linux-source-\d/.test(each));
  if (name === undefined) throw new Error('sid has no linux-source');
  const version = apt.candidate(name);
  const scratch = join(debianCache(), 'kernel.partial');
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(join(scratch, 'tree'), { recursive: true });
  apt.download([name], scratch);
  const [deb = ''] = readdirSync(scratch).filter((file) => file.endsWith('.deb'));
  run('dpkg', ['-x', join(scratch, deb), scratch]);
  const members = [...kernelFolders.map((folder) => `*/${folder}/*.c`), '*/syscall*.tbl'];
  const words = [
    '-xf',
    `usr/src/${name}.tar.xz`,
    '--strip-components=1',
    '-C',
    'tree',
    '--wildcards',
    ...members,
  ];
  run('tar', words, scratch);
  for (const file of readdirSync(join(scratch, 'tree'), { recursive: true, encoding: 'utf8' })) {
    const path = join(scratch, 'tree', file);
    if (file.endsWith('.c') && !/^SYSCALL(?:32)?_DEFINE\d\(/m.test(readFileSync(path, 'latin1')))
      rmSync(path);
  }
  const directory = `${KERNEL_SOURCE}-${version}`;
  rmSync(join(debianCache(), directory), { recursive: true, force: true });
  run('mv', [join(scratch, 'tree'), join(debianCache(), directory)]);
  rmSync(scratch, { recursive: true });
  return { package: KERNEL_SOURCE, suite: 'sid', version, directory };
}

function pointAtOwnLibraries(entry: FetchedPackage, tool: string): void {
  const root = join(debianCache(), entry.directory);
  const program = findUnpacked(root, entry.package);
  const interpreter = findUnpacked(root, /^ld-linux[-.].*\.so\.\d+$|^ld64\.so\.\d+$/);
  const library = findUnpacked(root, /^libc\.so\.6$/);
  if (program === undefined || interpreter === undefined || library === undefined) {
    throw new Error(`${entry.directory} lacks its program or its C library`);
  }
  // DT_RPATH, not DT_RUNPATH: it also holds for what the libraries need.
  run(tool, ['--set-interpreter', interpreter, '--force-rpath', '--set-rpath', dirname(library), program]);
}

function fetchMissing(refresh: boolean): void {
  const have = refresh ? [] : readManifest();
  const has = (name: string, suite: string): boolean =>
    have.some((entry) => entry.package === name && entry.suite === suite);
  const isMissing = (want: Wanted) => !has(manifestName(want), want.suite);
  const missing = [...wanted, ...systemds, audit, bigEndian].filter(isMissing);
  const missingSources = sources.filter((want) => !has(`src:${want.package}`, want.suite));
  const lacksKernel = !has(KERNEL_SOURCE, 'sid');
  if (missing.length === 0 && missingSources.length === 0 && !lacksKernel) return;
  const uri = mirror();
  const suites = new Map<string, PrivateApt>();
  const fetch = (want: Wanted): FetchedPackage => {
    const key = `${want.suite} ${want.arch ?? ''}`;
    const apt = suites.get(key) ?? openSuite(uri, want.suite, want.arch);
    suites.set(key, apt);
    process.stderr.write(`${want.suite}: ${manifestName(want)} (${want.why})\n`);
    return fetchOne(apt, want);
  };
  const fetched = missing.map(fetch);
  const programs = missing.flatMap((want, i) => (want.kind === 'program' ? (fetched[i] ?? []) : []));
  if (programs.length > 0) {
    const tool = findUnpacked(join(debianCache(), fetch(patchelf).directory), 'patchelf');
    if (tool === undefined) throw new Error('the package patchelf holds no patchelf');
    for (const entry of programs) pointAtOwnLibraries(entry, tool);
  }
  const all = [
    ...have,
    ...fetched,
    ...missingSources.map((want) => fetchSource(uri, want)),
    ...(lacksKernel ? [fetchKernelSource(uri)] : []),
  ];
  writeFileSync(join(debianCache(), 'manifest.json'), `${JSON.stringify(all, null, 2)}\n`);
  rmSync(join(debianCache(), 'apt'), { recursive: true });
}

function list(): void {
  for (const { package: name, version, directory } of readManifest().filter((entry) =>
    entry.package.startsWith('src:'),
  )) {
    process.stdout.write(`${name} ${version} (tests)  ${join(debianCache(), directory)}\n`);
  }
  for (const { version, path } of fetchedLibraries())
    process.stdout.write(`libseccomp ${version}  ${path}\n`);
  for (const { name, version, libseccomp, path } of fetchedPrograms()) {
    process.stdout.write(`${name} ${version} (libseccomp ${libseccomp})  ${path}\n`);
  }
}

const { values } = parseArgs({ options: { list: { type: 'boolean' }, refresh: { type: 'boolean' } } });
if (values.list !== true) fetchMissing(values.refresh === true);
list();
