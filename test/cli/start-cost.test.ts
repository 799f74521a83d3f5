/**
 * What a command costs before it works: counts of what it loads, never a time. A count that grows makes every start slower:
 * find out what the command now loads, and load it on use. A count that shrank: lower its limit.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program, root, searchPath } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-start-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const profile = join(folder, 'docker-default.json');
const edited = join(folder, 'edited.json');
beforeAll(() => {
  const oci = pathToFileURL(join(root, 'dist/oci/index.js')).href;
  const script = `const m = await import('${oci}'); console.log(m.serializeProfile(m.builtinProfiles['docker-default']()))`;
  writeFileSync(profile, execFileSync(process.execPath, ['--input-type=module', '-e', script]));
  const written = JSON.parse(readFileSync(profile, 'utf8')) as { readonly syscalls: object[] };
  written.syscalls.push({ names: ['quotactl', 'kcmp'], action: 'SCMP_ACT_ALLOW' });
  writeFileSync(edited, JSON.stringify(written));
});

interface Cost {
  /** Of this package, koffi and other packages: as V8 counts them. */
  readonly files: number;
  /** Of these files, which V8 scans if it has no compiled code: within {@link MARGIN}, for each edit of them changes it. */
  readonly kilobytes: number;
  /** Node's own modules, beyond those that `node -e 0` loads. */
  readonly ofNode: number;
}

interface Coverage {
  readonly result: readonly { readonly url: string }[];
}

const REPORT = join(folder, 'modules.json');
const PRELOAD = join(folder, 'preload.cjs');
writeFileSync(
  PRELOAD,
  `const before = new Set(process.moduleLoadList);
   process.on('exit', () => {
     const added = process.moduleLoadList.filter((each) => !before.has(each));
     require('node:fs').writeFileSync(${JSON.stringify(REPORT)}, JSON.stringify(added));
   });`,
);

function costOf(words: readonly string[]): Cost & { readonly names: readonly string[] } {
  const to = mkdtempSync(join(folder, 'coverage-'));
  const options = { cwd: folder, env: { PATH: searchPath }, encoding: 'utf8' as const };
  const covered = spawnSync(process.execPath, [program, ...words], {
    ...options,
    env: { ...options.env, NODE_V8_COVERAGE: to },
  });
  expect(covered.status, covered.stderr).toBeLessThan(2);
  const [report = ''] = readdirSync(to);
  const { result } = JSON.parse(readFileSync(join(to, report), 'utf8')) as Coverage;
  const files = new Set(
    result
      .map(({ url }) => (url.startsWith('file:') ? fileURLToPath(url) : url))
      .filter((url) => url.startsWith('/')),
  );
  spawnSync(process.execPath, ['-r', PRELOAD, program, ...words], options);
  const ofNode = (JSON.parse(readFileSync(REPORT, 'utf8')) as readonly string[]).filter((each) =>
    each.startsWith('NativeModule '),
  );
  const kilobytes = Math.ceil([...files].reduce((sum, file) => sum + statSync(file).size, 0) / 1000);
  return { files: files.size, kilobytes, ofNode: ofNode.length, names: [...files, ...ofNode] };
}

// The second run replaces it, and looks whether it is read.
const OUTPUT = join(folder, 'out.bpf');
const toFile = ['-q', '-o', OUTPUT];

/** A module or a table that a start did not load before is more than this, and words of a message are less. */
const MARGIN = 1.02;

/** The words, and the most that they may cost. The counts of Node's modules are of all releases that are supported. */
const limits: Readonly<Record<string, readonly [words: () => readonly string[], Cost]>> = {
  '--version': [() => ['--version'], { files: 1, kilobytes: 13, ofNode: 3 }],
  '--help': [() => ['--help'], { files: 1, kilobytes: 13, ofNode: 3 }],
  'compile --help': [() => ['compile', '--help'], { files: 1, kilobytes: 13, ofNode: 3 }],
  'validate FILE': [() => ['validate', profile], { files: 7, kilobytes: 228, ofNode: 4 }],
  'resolve, built-in': [() => ['resolve', 'docker-default'], { files: 12, kilobytes: 239, ofNode: 5 }],
  'compile, built-in, builtin backend': [
    () => ['compile', 'docker-default', '--backend', 'builtin', ...toFile],
    { files: 11, kilobytes: 254, ofNode: 4 },
  ],
  'compile, built-in, libseccomp': [
    () => ['compile', 'docker-default', '--backend', 'libseccomp', ...toFile],
    { files: 13, kilobytes: 301, ofNode: 26 },
  ],
  // Its program comes with the package: nothing sets when V8 optimizes, but on Node 24, where that cannot wait.
  'compile FILE, builtin backend': [
    () => ['compile', profile, '--backend', 'builtin', ...toFile],
    { files: 12, kilobytes: 334, ofNode: process.versions.v8.startsWith('13.') ? 26 : 5 },
  ],
  // No program comes with the package for it, and those that do are not read.
  'compile an edited FILE, builtin backend': [
    () => ['compile', edited, '--backend', 'builtin', ...toFile],
    { files: 14, kilobytes: 401, ofNode: 28 },
  ],
  'compile FILE, libseccomp': [
    () => ['compile', profile, '--backend', 'libseccomp', ...toFile],
    { files: 13, kilobytes: 381, ofNode: 26 },
  ],
  // Of Node's modules, 20 are what sets when V8 optimizes (cli/start/optimize-later.ts).
  'lint FILE': [() => ['lint', profile], { files: 16, kilobytes: 680, ofNode: 25 }],
  explain: [() => ['explain', 'docker-default', 'clone'], { files: 15, kilobytes: 460, ofNode: 28 }],
  diff: [() => ['diff', 'docker-default', 'podman-default'], { files: 17, kilobytes: 504, ofNode: 48 }],
  rules: [() => ['rules'], { files: 14, kilobytes: 623, ofNode: 4 }],
  syscalls: [() => ['syscalls', 'openat'], { files: 9, kilobytes: 144, ofNode: 4 }],
  'hook --help': [() => ['hook', '--help'], { files: 1, kilobytes: 13, ofNode: 3 }],
  'hook createRuntime --help': [
    () => ['hook', 'createRuntime', '--help'],
    { files: 21, kilobytes: 444, ofNode: 4 },
  ],
};

describe('the start of', () => {
  it.each(Object.entries(limits))('%s costs no more than is known', (_, [words, limit]) => {
    const { names, ...cost } = costOf(words());
    const most: Cost = { ...limit, kilobytes: Math.ceil(limit.kilobytes * MARGIN) };
    const over = Object.entries(most).filter(([what, count]) => cost[what as keyof Cost] > count);
    expect(over, `${JSON.stringify(cost)}\n${names.join('\n')}`).toEqual([]);
  });
});

interface Kept {
  /** Chunks that a run opens, although their code and source are kept. */
  readonly opened: readonly string[];
  /** Whether Node found nothing left to do, and not the program itself: then Node takes the heap down piece by piece. */
  readonly ranOut: boolean;
  /** What V8 allocated, garbage too, in MB: it collects garbage after each half or whole one. */
  readonly megabytes: number;
  /** Bytes of buffers of their own that the run made. */
  readonly buffers: number;
}

const KEPT_REPORT = join(folder, 'kept.json');
const WATCH = join(folder, 'watch.cjs');
writeFileSync(
  WATCH,
  `const fs = require('node:fs');
   const { openSync } = fs;
   const { Session } = require('node:inspector');
   const session = new Session();
   session.connect();
   session.post('HeapProfiler.startSampling', {
     // With one sample a kilobyte, one run in a hundred is a twentieth off.
     samplingInterval: 128,
     includeObjectsCollectedByMajorGC: true,
     includeObjectsCollectedByMinorGC: true,
   });
   const sizeOf = ({ selfSize, children }) => children.reduce((sum, each) => sum + sizeOf(each), selfSize);
   const opened = [];
   let ranOut = false;
   let buffers = 0;
   const { allocUnsafeSlow } = Buffer;
   Buffer.allocUnsafeSlow = (size) => {
     buffers += size;
     return allocUnsafeSlow(size);
   };
   fs.openSync = (path, ...rest) => {
     if (String(path).startsWith(${JSON.stringify(join(root, 'dist/bin'))})) opened.push(path);
     return openSync(path, ...rest);
   };
   process.on('beforeExit', () => { ranOut = true; });
   process.on('exit', () => session.post('HeapProfiler.stopSampling', (_, { profile }) => {
     const megabytes = sizeOf(profile.head) / 1e6;
     fs.writeFileSync(${JSON.stringify(KEPT_REPORT)}, JSON.stringify({ opened, ranOut, megabytes, buffers }));
   }));`,
);

describe('a start with kept code', () => {
  it.each([
    ['validate FILE', 2.6],
    ['compile, built-in, builtin backend', 2.85],
    ['compile FILE, libseccomp', 6],
    ['lint FILE', 7.5],
    ['explain', 5.05],
  ])('of %s opens no chunk, allocates at most %s MB, and ends by itself', (name, most) => {
    const [words] = limits[name] ?? [() => []];
    const cache = mkdtempSync(join(folder, 'kept-'));
    const env = { PATH: searchPath, XDG_CACHE_HOME: cache };
    const run = (): Kept => {
      const { status, stderr } = spawnSync(process.execPath, ['-r', WATCH, program, ...words()], {
        cwd: folder,
        encoding: 'utf8',
        env,
      });
      expect(status, stderr).toBeLessThan(2);
      return JSON.parse(readFileSync(KEPT_REPORT, 'utf8')) as Kept;
    };
    expect(run().opened.length).toBeGreaterThan(5);
    const { megabytes, buffers, ...kept } = run();
    expect(kept).toEqual({ opened: [], ranOut: false });
    expect(megabytes).toBeLessThan(most);
    // The code is read to where the sources were: new memory takes the kernel a fault for every 4 kB.
    const [file = ''] = readdirSync(join(cache, 'oci-seccomp'));
    expect(buffers).toBeLessThan(statSync(join(cache, 'oci-seccomp', file)).size / 2);
  });
});

/**
 * Counts what V8 executes of this package while a copy of Docker's default, with one more rule or without, is compiled and proven.
 */
const EXECUTED = `
  import { readFileSync } from 'node:fs';
  import { Session } from 'node:inspector';
  const [dist, file, more] = process.argv.slice(1);
  const rooms = ['abi', 'oci', 'policy', 'compile'].map((room) => import(dist + room + '/index.js'));
  const m = Object.assign({}, ...(await Promise.all(rooms)));
  const written = JSON.parse(readFileSync(file, 'utf8'));
  if (more !== '') written.syscalls.push({ names: more.split(' '), action: 'SCMP_ACT_ALLOW' });
  const { profile } = m.readProfile(JSON.stringify(written));
  const host = { arch: 'x86_64', kernel: { kernel: 6, major: 1 }, capabilities: m.capabilitySets.docker };
  const table = m.newestTable;
  const { policy } = m.lowerProfile(m.resolveProfile(profile, host).seccomp, { arch: 'x86_64', table });
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  let calls = 0;
  let characters = 0;
  const take = () => session.post('Profiler.takePreciseCoverage', (_, { result }) => {
    const own = result.filter(({ url }) => url.startsWith(dist));
    for (const { ranges } of own.flatMap(({ functions }) => functions)) {
      calls += ranges[0].count;
      const around = [];
      for (const range of ranges) {
        while (around.length > 0 && around.at(-1).endOffset <= range.startOffset) around.pop();
        characters += (range.count - (around.at(-1)?.count ?? 0)) * (range.endOffset - range.startOffset);
        around.push(range);
      }
    }
  });
  const { program, proof } = await m.compilePolicy(policy, { backend: 'builtin', table });
  take();
  console.log(JSON.stringify({ instructions: program.length, compared: proof.compared, calls, characters }));
`;

describe('the first program of a process', () => {
  it.each([
    // Callers of the library hand in a policy that a call returned: it is neither checked nor copied.
    ['with one more rule', 'quotactl kcmp', { instructions: 177, compared: 'now' }, 46_000, 11_350_000],
    // The program comes with the package: rules are compared by name, and not written for each architecture.
    ['as it is', '', { instructions: 168, compared: 'release' }, 780, 242_000],
  ] as const)(
    'of a built-in profile %s takes no more calls and characters of source than is known',
    (...row) => {
      const [, more, expected, mostCalls, mostCharacters] = row;
      const dist = pathToFileURL(join(root, 'dist/')).href;
      const parameters = ['--input-type=module', '-e', EXECUTED, dist, profile, more];
      const text = execFileSync(process.execPath, parameters, { encoding: 'utf8' });
      const { calls, characters, ...made } = JSON.parse(text) as Readonly<Record<string, number | string>>;
      expect(made).toEqual(expected);
      expect(calls).toBeLessThan(mostCalls);
      expect(characters).toBeLessThan(mostCharacters);
    },
  );
});

describe('lint of 100 files that all differ', () => {
  it('leaves the memory of a file free without a collection of all memory', () => {
    const many = join(folder, 'many');
    mkdirSync(many);
    const text = readFileSync(profile, 'utf8');
    for (let i = 1; i <= 100; i += 1)
      writeFileSync(
        join(many, `${i}.json`),
        text.replace(/"defaultErrnoRet": \d+/, `"defaultErrnoRet": ${i}`),
      );
    const report = join(folder, 'heap.txt');
    const preload = join(folder, 'heap.cjs');
    writeFileSync(
      preload,
      `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(report)}, String(process.memoryUsage().heapUsed)));`,
    );
    // Young objects are collected when there are 16 MB of them, as in a long run, and old ones never.
    const ofV8 = ['--min-semi-space-size=16', '--max-semi-space-size=16', '--initial-old-space-size=2000'];
    const { status, stderr } = spawnSync(
      process.execPath,
      [...ofV8, '-r', preload, program, 'lint', many, '-o', '/dev/null'],
      { cwd: folder, encoding: 'utf8', env: { PATH: searchPath } },
    );
    expect(status, stderr).toBe(1);
    // 23 to 43 MB on Node 20, 22 and 24. A table that keeps what was found in each file makes it 65 to 84.
    expect(Number(readFileSync(report, 'utf8')) / 1e6).toBeLessThan(52);
  });
});
