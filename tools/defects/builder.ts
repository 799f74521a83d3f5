/**
 * libseccomp in a process of its own that is given one rule set after the other, and another one when a set makes it
 * loop or crash: thousands of hazardous sets a minute.
 * @module
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { fromHex, helperPath } from '../../test/oracle/support/native.ts';
import { type RuleSet, scriptOf } from './rule-set.ts';

export type Build =
  | { readonly kind: 'built'; readonly program: Uint8Array }
  /** The first call that failed: `rule 2`, `export`. */
  | { readonly kind: 'refused'; readonly errno: number; readonly call: string }
  | { readonly kind: 'looped' }
  | { readonly kind: 'crashed'; readonly signal: string };

export interface Builder {
  readonly build: (set: RuleSet) => Promise<Build>;
  readonly close: () => void;
}

/** Processor time after which a set counts as looping; the slowest of 2,295,000 harmless ones took 71 ms. */
const LIMIT_MS = 200;
/** Clock ticks of /proc/PID/stat are hundredths of a second on all of Linux's architectures (USER_HZ). */
const MS_A_TICK = 10;
const POLL_MS = 20;

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** @param library - path of libseccomp.so.2 */
export function openBuilder(library: string): Builder {
  let child: Child | undefined;
  const start = (): Child => {
    const started = spawn(helperPath('libseccomp-build'), [library], { stdio: ['pipe', 'pipe', 'ignore'] });
    started.stdout.setEncoding('utf8');
    // A child that dies early ends the pipe; its exit tells why.
    started.stdin.on('error', () => {});
    return started;
  };
  return {
    build: async (set) => {
      child ??= start();
      const built = await ask(child, set);
      // One that answers while it is killed for its time is of no use any more.
      if (built.kind === 'crashed' || child.killed) child = undefined;
      return built;
    },
    close: () => {
      child?.kill('SIGKILL');
      child = undefined;
    },
  };
}

function ask(child: Child, set: RuleSet): Promise<Build> {
  const started = processorTime(child.pid);
  let output = '';
  return new Promise((resolve) => {
    let looped = false;
    const watch = setInterval(() => {
      looped = processorTime(child.pid) - started > LIMIT_MS;
      if (looped) child.kill('SIGKILL');
    }, POLL_MS);
    const end = (build: Build): void => {
      clearInterval(watch);
      child.stdout.removeAllListeners('data');
      child.removeAllListeners('close');
      resolve(build);
    };
    child.stdout.on('data', (chunk: string) => {
      output += chunk;
      if (output.endsWith('\n') && /^export /m.test(output)) end(readOutput(output));
    });
    child.once('close', (_, signal) => {
      end(looped ? { kind: 'looped' } : { kind: 'crashed', signal: signal ?? 'exit' });
    });
    child.stdin.write(scriptOf(set));
  });
}

/** Milliseconds of processor time a process has used (proc_pid_stat(5): utime and stime). */
function processorTime(pid: number | undefined): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * MS_A_TICK;
  } catch {
    return 0;
  }
}

function readOutput(output: string): Build {
  const lines = output.trimEnd().split('\n');
  const failed = lines.find((line) => / -\d+( |$)/.test(line));
  if (failed !== undefined) {
    const [verb = '', code] = failed.split(' ');
    const at = lines.filter((line) => line.startsWith('rule')).indexOf(failed);
    return { kind: 'refused', errno: -Number(code), call: at < 0 ? verb : `rule ${at + 1}` };
  }
  return { kind: 'built', program: fromHex(lines.at(-1)?.split(' ')[2] ?? '') };
}
