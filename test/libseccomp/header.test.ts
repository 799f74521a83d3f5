/**
 * Numbers of seccomp.h as the C compiler sees them.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ArchName, architectures } from '../../src/abi/architectures.ts';
import { operators } from '../../src/abi/operators.ts';
import {
  type Action,
  type AttributeName,
  actionFromNative,
  actionToNative,
  allow,
  archFromNative,
  archToNative,
  attributes,
  errno,
  findArch,
  kill,
  killProcess,
  killThread,
  log,
  notify,
  SCMP_ARCH_NATIVE,
  trace,
  trap,
} from '../../src/libseccomp/index.ts';
import { skipUnless } from '../oracle/libraries.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-header-'));

/** Evaluates C expressions with seccomp.h; `undefined` for names this release lacks, all if there is no header. */
function evaluate(expressions: readonly string[]): ReadonlyMap<string, number | undefined> | undefined {
  // An unknown name inside #ifdef is no error; enumerators are no macros, so they are printed as they are.
  const lines = expressions.map((text) => {
    const name = /^[A-Z0-9_]+/.exec(text)?.[0] ?? '';
    const print = `printf("${text} %lu\\n", (unsigned long)(unsigned int)(${text}));`;
    return name.startsWith('SCMP_A') ? `#ifdef ${name}\n${print}\n#endif` : print;
  });
  const source = `#include <seccomp.h>\n#include <errno.h>\n#include <stdio.h>\nint main(void) {\n${lines.join('\n')}\nreturn 0; }\n`;
  const binary = join(folder, 'constants');
  const built = spawnSync('cc', ['-x', 'c', '-o', binary, '-'], { input: source, encoding: 'utf8' });
  if (built.error !== undefined || built.status !== 0) return undefined;
  const { stdout } = spawnSync(binary, { encoding: 'utf8' });
  return new Map(
    stdout
      .trim()
      .split('\n')
      .map((line): [string, number] => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), Number(line.slice(at + 1))];
      }),
  );
}

const actionRows: readonly (readonly [string, Action])[] = [
  ['SCMP_ACT_KILL', kill()],
  ['SCMP_ACT_KILL_THREAD', killThread()],
  ['SCMP_ACT_KILL_PROCESS', killProcess()],
  ['SCMP_ACT_TRAP', trap()],
  ['SCMP_ACT_NOTIFY', notify()],
  ['SCMP_ACT_ERRNO(0)', errno(0)],
  ['SCMP_ACT_ERRNO(EACCES)', errno('EACCES')],
  ['SCMP_ACT_ERRNO(4094)', errno(4094)],
  ['SCMP_ACT_TRACE(0)', trace(0)],
  ['SCMP_ACT_TRACE(65535)', trace(65535)],
  ['SCMP_ACT_LOG', log()],
  ['SCMP_ACT_ALLOW', allow()],
];
const archRows = Object.values(architectures).map(({ name, ociArch }) => [ociArch, name] as const);
const operatorRows = Object.values(operators).map(
  ({ ociOperator, scmpCompare }) => [ociOperator, scmpCompare] as const,
);
/** Attributes after 2.5 are enumerators that an older header lacks. */
const attributeRows = Object.entries(attributes).filter(([, { since }]) => since < '2.6');

const constants = evaluate([
  'SCMP_ARCH_NATIVE',
  ...actionRows.map(([name]) => name),
  ...archRows.map(([name]) => name),
  ...operatorRows.map(([name]) => name),
  ...attributeRows.map(([name]) => `SCMP_FLTATR_${name}`),
]);
rmSync(folder, { recursive: true, force: true });

describe.skipIf(skipUnless(constants !== undefined))(
  'seccomp.h (needs apt-get install gcc libseccomp-dev)',
  () => {
    const value = (name: string): number | undefined => constants?.get(name);

    it.each(actionRows)('%s is the word of the action, both ways', (name, action) => {
      expect(actionToNative(action)).toBe(value(name));
      expect(actionFromNative(value(name) ?? -1)).toEqual(action);
    });

    it.each(archRows)('%s is the token of %s, both ways', (ociArch, name: ArchName) => {
      const token = value(ociArch);
      // An older header lacks the newer architectures.
      if (token === undefined) expect(architectures[name].since).toBe('2.6.0');
      else {
        expect(archToNative(name)).toBe(token);
        expect(archFromNative(token)).toBe(name);
      }
      expect(findArch(ociArch)).toBe(name);
    });

    it.each(operatorRows)('%s has the number of the operator', (name, native) => {
      expect(native).toBe(value(name));
    });

    it.each(attributeRows)('SCMP_FLTATR_%s has the number of the attribute', (name, { native }) => {
      expect(native).toBe(value(`SCMP_FLTATR_${name as AttributeName}`));
    });

    it('has SCMP_ARCH_NATIVE', () => {
      expect(SCMP_ARCH_NATIVE).toBe(value('SCMP_ARCH_NATIVE'));
    });
  },
);
