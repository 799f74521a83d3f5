/**
 * Which modules stand together in a file of dist/bin/, wherever the checkout is: a wrapper that was built in
 * `/usr/src/oci-seccomp` ended with a stack trace, because every module was in one file.
 */
import { describe, expect, it } from 'vitest';
// @ts-expect-error: it has no declarations.
import { wrapperGroups } from '../tools/wrapper-chunks.mjs';

interface Group {
  readonly name: string;
  readonly test: (id: string) => boolean;
}

const entries = ['cli/runtime.ts', 'hook/wrapper/fit-program.ts'];

describe.each(['/opt/oci-seccomp', '/usr/src/oci-seccomp', '/home/momoa/commander/src/x'])(
  'in %s, a chunk of the wrapper',
  (root) => {
    const chunksOf = (id: string): readonly string[] =>
      (wrapperGroups(root) as readonly Group[]).filter(({ test }) => test(id)).map(({ name }) => name);

    it('has no entry, and not what reads YAML', () => {
      for (const each of [...entries, 'oci/read-yaml.ts', 'oci/yaml-document.ts']) {
        expect(chunksOf(`${root}/src/${each}`), each).toEqual([]);
      }
      expect(chunksOf(`${root}/node_modules/yaml/dist/index.js`)).toEqual([]);
    });

    it('has all other modules, and the reader of JSON', () => {
      expect(chunksOf(`${root}/src/compile/prove.ts`)).toEqual(['core']);
      expect(chunksOf(`${root}/src/hook/wrapper/runtime-call.ts`)).toEqual(['base', 'core']);
      expect(chunksOf(`${root}/node_modules/@humanwhocodes/momoa/dist/momoa.js`)).toEqual(['core']);
    });
  },
);
