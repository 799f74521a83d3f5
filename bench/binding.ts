/**
 * What the binding costs: the rules of docker-default, on three architectures, added through `Filter` and by the same
 * calls from C, in turns, as a ratio of medians.
 *
 * Run: node tools/run.mjs bench/binding.ts. Needs cc. ROUNDS, LIBRARY (a path or soname).
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadKoffi } from '../src/ffi.ts';
import { toInput } from '../src/libseccomp/comparison.ts';
import {
  type Action,
  actionFromNative,
  type ComparisonInput,
  errno,
  Filter,
  openLibrary,
} from '../src/libseccomp/index.ts';
import { cFilter, compileC, type DockerRule, dockerRules } from './from-c.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 41);
const TARGET = 1.15;
/** Builds of one round, so that a round is longer than the clock's and the scheduler's grain. */
const BUILDS = 10;
const WARM_UP_ROUNDS = 5;

interface Rule extends DockerRule {
  readonly action: Action;
  readonly inputs: readonly ComparisonInput[];
}

const library = openLibrary(process.env.LIBRARY);

type Way = (rules: readonly Rule[]) => void;

/** @param named - whether calls are given by name, as people write them, or by number, as the C side has them */
const build =
  (named: boolean, exported: boolean): Way =>
  (rules) => {
    const filter = new Filter(errno('EPERM'), { library });
    filter.addArch('x86');
    filter.addArch('x32');
    filter.setAttribute('CTL_OPTIMIZE', 2);
    for (const { action, name, nr, inputs } of rules) filter.addRule(action, named ? name : nr, inputs);
    if (exported) filter.exportBpf();
    filter.release();
  };

/** Microseconds of one build, the mean of a round. */
function time(way: Way, rules: readonly Rule[]): number {
  const started = performance.now();
  for (let i = 0; i < BUILDS; i++) way(rules);
  return ((performance.now() - started) * 1000) / BUILDS;
}

/** The same calls from C, by pointers into the same library; `run` gives microseconds of one build, the mean of a round. */
function cProgram(rules: readonly Rule[]): string {
  const { head, body } = cFilter(rules);
  return `${head}#include <time.h>
static int (*export_mem)(void *, void *, size_t *);
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1e6 + t.tv_nsec / 1e3; }
static void build(int export) {
  ${body}  if (export && export_mem) {
    size_t size = 0;
    export_mem(ctx, NULL, &size);
    void *bytes = malloc(size);
    export_mem(ctx, bytes, &size);
    free(bytes);
  }
  release(ctx);
}
double run(const char *path, int export, int builds) {
  void *l = bind(path);
  export_mem = dlsym(l, "seccomp_export_bpf_mem");
  double start = now();
  for (int i = 0; i < builds; i++) build(export);
  double took = (now() - start) / builds;
  dlclose(l);
  return took;
}
int main(int argc, char **argv) { run(argv[1], argv[2][0] == '1', 1); printf("%f", run(argv[1], argv[2][0] == '1', ${BUILDS})); }
`;
}

interface Baseline {
  /** In this process: the same heap and the same neighbours as the binding has. */
  readonly here: (exported: boolean) => number;
  /** In a process of its own. */
  readonly alone: (exported: boolean) => number;
}

function buildC(folder: string, rules: readonly Rule[]): Baseline {
  const source = cProgram(rules);
  const run = loadKoffi()
    .load(compileC(source, join(folder, 'binding.so'), '-shared', '-fPIC'))
    .func('run', 'double', ['str', 'int', 'int']);
  const program = compileC(source, join(folder, 'binding'));
  return {
    here: (exported) => run(library.path, exported ? 1 : 0, BUILDS) as number,
    alone: (exported) =>
      Number(spawnSync(program, [library.path, exported ? '1' : '0'], { encoding: 'utf8' }).stdout),
  };
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

function print(text: string): void {
  process.stdout.write(text);
}

/** All take turns in each round, so that a busy moment hits all alike. */
function measure(contenders: readonly (() => number)[]): readonly number[] {
  const times: number[][] = contenders.map(() => []);
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    for (const [i, contender] of contenders.entries()) {
      const took = contender();
      if (round >= 0) times[i]?.push(took);
    }
  }
  return times.map(median);
}

function main(folder: string): void {
  const rules = dockerRules(library).map((rule) => ({
    ...rule,
    action: actionFromNative(rule.word),
    inputs: rule.comparisons.map(toInput),
  }));
  const c = buildC(folder, rules);
  const lines = [
    { label: 'rules by number', exported: false, way: build(false, false) },
    { label: 'rules by name', exported: false, way: build(true, false) },
    // 2.5 has no export to memory to compare with.
    ...(library.find('seccomp_export_bpf_mem') === undefined
      ? []
      : [{ label: 'rules by name, and export', exported: true, way: build(true, true) }]),
  ];
  const { major, minor, micro } = library.version;
  print(
    `libseccomp ${major}.${minor}.${micro}, node ${process.versions.node}, ${ROUNDS} rounds of ${BUILDS} builds\n`,
  );
  print(
    `${rules.length} rules of docker-default on x86_64, x86, x32; microseconds of one build, and ratios to C\n\n`,
  );
  for (const { label, exported, way } of lines) {
    const contenders = [() => time(way, rules), () => c.here(exported), () => c.alone(exported)];
    const [ours = Number.NaN, here = Number.NaN, alone = Number.NaN] = measure(contenders);
    const ratio = ours / here;
    print(
      `${label.padEnd(26)} ${ours.toFixed(0).padStart(6)}  C here ${here.toFixed(0)}: ${ratio.toFixed(3)}`,
    );
    print(
      `  C alone ${alone.toFixed(0)}: ${(ours / alone).toFixed(3)}  target ${TARGET}: ${ratio <= TARGET ? 'met' : 'missed'}\n`,
    );
  }
}

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-bench-'));
try {
  main(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
