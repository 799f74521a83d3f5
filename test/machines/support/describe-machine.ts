/**
 * Suites that start an emulated machine: skipped by name unless `npm run machines` asks for them.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { describe, it } from 'vitest';
import { type Machine, machines } from '../../../tools/machines/machine-list.ts';

/**
 * Milliseconds that a machine may take by the clock: only a guard against one that waits for ever. What a machine may
 * work is bounded by its processor time (tools/machines/boot-machine.ts).
 */
export const MACHINE_HANGS_AFTER = 6 * 3600_000;

/** A suite for each machine that `include` takes. */
export function describeMachines(
  about: string,
  body: (machine: Machine) => void,
  include: (machine: Machine) => boolean = () => true,
): void {
  for (const machine of machines.filter(include)) {
    const name = `${machine.name}: ${about}`;
    const wanted = missing(machine);
    if (wanted === undefined) describe(name, () => body(machine));
    else
      describe.skip(`${name} [skipped, needs ${wanted}]`, () => {
        it.skip('needs what is missing', () => {});
      });
  }
}

function missing({ qemu, qemuPackage, compilers }: Machine): string | undefined {
  if (process.env.OCI_SECCOMP_MACHINES !== '1') return 'emulated machines (npm run machines)';
  const answers = (program = ''): boolean =>
    spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
  if (!answers(qemu[0])) return `${qemu[0]} (apt-get install ${qemuPackage})`;
  const compiler = compilers.find((each) => !answers(each));
  return compiler === undefined ? undefined : `${compiler} (see .ci/machines)`;
}
