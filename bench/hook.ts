/**
 * What the hook and the runtime wrapper add to a container's start, by themselves and with the agent: whole runs of `runc run`, each kind in turn in
 * every round, as medians; and what the supervisor holds while it waits.
 *
 * Run as root: node tools/run.mjs bench/hook.ts (after npm run build). Needs runc, or the runtime named in RUNTIME, and
 * /bin/busybox (static).
 * @module
 */
import './plain-environment.ts';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROUNDS = Number(process.env.ROUNDS ?? 20);
const runtime = process.env.RUNTIME ?? 'runc';
const program = resolve('dist/bin/main.cjs');
const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-bench-hook-'));
/** Not under /tmp, where everybody could make the socket. */
const agentFolder = mkdtempSync('/run/oci-seccomp-bench-agent-');
const log = join(folder, 'hook.log');
/** What a start with the static client may take more than one without a hook, in starts of Node. */
const TARGET_RATIO = 0.4;

interface Kind {
  readonly label: string;
  readonly command: readonly string[];
  readonly times: number[];
  /** Done before each run, outside of the measurement. */
  readonly prepare: () => void;
  /** What the hooks themselves measured, from their start on. */
  readonly hookTimes: number[];
}

function main(): void {
  const bpf = join(folder, 'docker-default.bpf');
  run([process.execPath, program, 'compile', 'docker-default', '-q', '-o', bpf]);
  const profile = join(folder, 'docker-default.json');
  writeProfile(profile);
  const start = (label: string, name: string, options: readonly string[] | undefined): Kind => {
    const bundle = makeBundle(name, options);
    return kind(label, [
      runtime,
      '--root',
      join(folder, 'state'),
      'run',
      '--bundle',
      bundle,
      `bench-${process.pid}`,
    ]);
  };
  const plain = start('without the hook', 'plain', undefined);
  const withProgram = start('hook, program compiled before', 'bpf', ['--profile', bpf]);
  const withFile = start('hook, profile from a file', 'file', ['--profile', profile]);
  const builtin = start('hook, built-in profile', 'builtin', ['--profile', 'docker-default']);
  const agent = ['--agent', join(agentFolder, 'agent.sock')];
  const client = [...agent, '--client', join(agentFolder, 'client')];
  const byAgent = [
    start('hook, agent, client in Node', 'agent', ['--profile', bpf, ...agent]),
    start('hook, agent, static, program', 'static-bpf', ['--profile', bpf, ...client]),
    start('hook, agent, static, file', 'static-file', ['--profile', profile, ...client]),
    start('hook, agent, static, built-in', 'static', ['--profile', 'docker-default', ...client]),
  ];
  const node = kind('node -e 0', [process.execPath, '-e', '0']);
  const wrappers = wrapperKinds();
  const filtered = wrappers[0] ?? plain;
  const baseOf = ({ label }: Kind): Kind => (label.startsWith('wrapper') ? filtered : plain);
  const kinds = [node, plain, withProgram, withFile, builtin, ...byAgent, ...wrappers];
  for (let round = 0; round < ROUNDS; round++) for (const each of kinds) time(each);
  print(`${ROUNDS} rounds, node ${process.versions.node}, ${runtime}; medians in ms\n\n`);
  for (const each of kinds) {
    const { label, times, hookTimes } = each;
    const over = overOf(each, baseOf(each));
    const hook = hookTimes.length === 0 ? '' : `, of them in the hook ${median(hookTimes).toFixed(0)}`;
    const ratio = (over / median(node.times)).toFixed(2);
    const more = /^(?:hook|wrapper)/.test(label)
      ? `  ${over.toFixed(0).padStart(4)} more, ${ratio} of node -e 0${hook}`
      : '';
    print(`${label.padEnd(34)} ${median(times).toFixed(1).padStart(7)}${more}\n`);
  }
  const most = Math.max(
    ...[...byAgent, ...wrappers]
      .filter(({ label }) => label.includes('static'))
      .map((each) => overOf(each, baseOf(each))),
  );
  const ratio = most / median(node.times);
  print(
    `\ntarget: at most ${TARGET_RATIO} of node -e 0 more with the static client; ${ratio.toFixed(2)}: ${ratio <= TARGET_RATIO ? 'met' : 'missed'}\n`,
  );
  reportMemory(makeBundle('waiting', ['--profile', bpf]));
}

function kind(label: string, command: readonly string[], prepare = (): void => {}): Kind {
  return { label, command, prepare, times: [], hookTimes: [] };
}

/** The runtime wrapper, in Node and as the static program. Each finds the bundle as an engine has made it. */
function wrapperKinds(): readonly Kind[] {
  const configuration = join(agentFolder, 'config.json');
  const real = run(['which', runtime]).trim();
  writeFileSync(configuration, JSON.stringify({ runtime: real, profile: 'docker-default' }, undefined, 2));
  const client = join(agentFolder, 'wrapper');
  const options = ['--client', client, '--agent', join(agentFolder, 'agent.sock'), '--config', configuration];
  run([process.execPath, program, 'hook', 'wrapper', ...options]);
  const script = join(agentFolder, 'wrapper-in-node');
  const inNode = `#!/bin/sh\nexport OCI_SECCOMP_CONFIG=${configuration}\nexec ${resolve('dist/bin/runtime.cjs')} "$@"\n`;
  writeFileSync(script, inNode, { mode: 0o755 });
  const kinds = [
    ['wrapper, in Node', script],
    ['wrapper, agent, static', client],
  ].map(([label = '', path = '']) => {
    const bundle = makeBundle(label.replace(/\W+/g, '-'), undefined);
    const file = join(bundle, 'config.json');
    const text = readFileSync(file);
    const words = ['--root', join(folder, 'state'), 'run', '--bundle', bundle, `bench-${process.pid}`];
    return kind(label, [path, ...words], () => writeFileSync(file, text));
  });
  // What the runtime itself needs for a filter that is there: the wrapper's part is the difference.
  const [, byClient] = kinds;
  if (byClient === undefined) return kinds;
  run(byClient.command);
  const bundle = join(folder, 'filtered');
  cpSync(join(folder, 'wrapper-agent-static'), bundle, { recursive: true });
  const words = ['--root', join(folder, 'state'), 'run', '--bundle', bundle, `bench-${process.pid}`];
  return [kind('without, the filter is there', [runtime, ...words]), ...kinds];
}

function time({ command, prepare, times, hookTimes }: Kind): void {
  prepare();
  const before = logLines().length;
  const started = performance.now();
  run(command);
  times.push(performance.now() - started);
  for (const line of logLines().slice(before)) {
    const ms = /attached: .* ms=(\d+)/.exec(line)?.[1];
    if (ms !== undefined) hookTimes.push(Number(ms));
  }
}

function overOf({ times }: Kind, base: Kind): number {
  return median(times) - median(base.times);
}

function logLines(): readonly string[] {
  try {
    return readFileSync(log, 'utf8').trimEnd().split('\n');
  } catch {
    return [];
  }
}

/** The supervisor of a container that is created and not started. */
function reportMemory(bundle: string): void {
  const id = `waiting-${process.pid}`;
  const call = (...words: readonly string[]): void => {
    run([runtime, '--root', join(folder, 'state'), ...words]);
  };
  call('create', '--bundle', bundle, id);
  try {
    const { stdout } = spawnSync('pgrep', ['-f', `supervisor.cjs ${id}`], { encoding: 'utf8' });
    const read = (file: string, pattern: RegExp): string =>
      pattern.exec(readFileSync(`/proc/${stdout.trim()}/${file}`, 'utf8'))?.[1] ?? '?';
    const [resident, own] = [read('smaps_rollup', /Rss:\s+(\d+)/), read('smaps_rollup', /Pss:\s+(\d+)/)];
    print(`\na waiting supervisor: resident ${resident} kB, its share of it ${own} kB\n`);
  } finally {
    call('delete', '--force', id);
  }
}

function makeBundle(name: string, options: readonly string[] | undefined): string {
  const bundle = join(folder, name);
  for (const path of ['bin', 'proc', 'dev']) mkdirSync(join(bundle, 'rootfs', path), { recursive: true });
  copyFileSync('/bin/busybox', join(bundle, 'rootfs/bin/busybox'));
  const config = [
    process.execPath,
    program,
    'hook',
    'config',
    '--for',
    'oci',
    '--log',
    log,
    ...(options ?? []),
  ];
  const { hooks } = options === undefined ? {} : JSON.parse(run(config));
  const mounts = [
    { destination: '/proc', type: 'proc', source: 'proc' },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs' },
  ];
  const text = JSON.stringify({
    ociVersion: '1.0.2',
    process: { user: { uid: 0, gid: 0 }, cwd: '/', args: ['/bin/busybox', 'true'] },
    root: { path: 'rootfs' },
    mounts,
    hooks,
    linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }] },
  });
  writeFileSync(join(bundle, 'config.json'), text);
  return bundle;
}

function writeProfile(file: string): void {
  const script = `import('${resolve('dist/oci/index.js')}').then(m => process.stdout.write(m.serializeProfile(m.builtinProfiles["docker-default"]())))`;
  writeFileSync(file, run([process.execPath, '-e', script]));
}

/** Standard input is closed at once; what is printed is text. */
function run([command = '', ...args]: readonly string[]): string {
  const create = args.includes('create');
  const stdio = create ? 'ignore' : 'pipe';
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', stdio });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout ?? '';
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

function print(text: string): void {
  process.stdout.write(text);
}

/** The agent of these starts, once it takes requests. */
function startAgent(): ChildProcess {
  const file = join(agentFolder, 'log');
  const fd = openSync(file, 'w');
  const options = ['agent', '--socket', join(agentFolder, 'agent.sock')];
  const child = spawn(process.execPath, [program, ...options], { stdio: ['ignore', 'ignore', fd] });
  closeSync(fd);
  while (!readFileSync(file, 'utf8').includes('started:')) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
  return child;
}

const agent = startAgent();
try {
  main();
} finally {
  agent.kill();
  rmSync(folder, { recursive: true, force: true });
  rmSync(agentFolder, { recursive: true, force: true });
}
