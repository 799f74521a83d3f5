/**
 * V8's own settings, which a run has back before it keeps its compiled code: V8 takes no code that was kept under others.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingsOf } from '../../src/cli/start/optimize-later.ts';
import { root } from './run.ts';

const cache = join(root, '.cache/node');
const fetched = existsSync(cache) ? readdirSync(cache).map((name) => join(cache, name, 'bin/node')) : [];

describe.each([process.execPath, ...fetched.filter((path) => existsSync(path))])(
  'settings of V8 in %s',
  (node) => {
    const ask = (option: string): string => spawnSync(node, [option], { encoding: 'utf8' }).stdout;
    const { stdout } = spawnSync(node, ['-p', 'process.versions.v8'], { encoding: 'utf8' });
    const settings = settingsOf[stdout.slice(0, stdout.indexOf('.'))] ?? [];
    const options = ask('--v8-options');

    it.each(settings)('%s starts as %s', (name, initial) => {
      const [, shown] = new RegExp(`^\\s+--${name} .*\\n.*default: (\\S+)`, 'm').exec(options) ?? [];
      const expected =
        typeof initial === 'number' ? `--${name}=${initial}` : `--${initial ? '' : 'no-'}${name}`;
      expect(shown).toBe(expected);
    });
  },
);
