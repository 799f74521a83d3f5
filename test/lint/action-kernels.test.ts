/**
 * Since which kernel an action exists, held against libseccomp: what it refuses when told that the kernel is older.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { OciSeccompError } from '../../src/errors.ts';
import { resetGlobalState, setApiLevel } from '../../src/libseccomp/api.ts';
import { Filter } from '../../src/libseccomp/filter.ts';
import { libraryByVersion } from '../oracle/libraries.ts';
import { describeWith } from '../oracle/support/require.ts';

const kinds = ['killProcess', 'killThread', 'log', 'notify', 'allow'] as const;

describeWith(['libseccomp 2.5.4'], 'actions by API level', () => {
  const library = libraryByVersion('2.5.4')?.path;
  const options = library === undefined ? {} : { library };
  afterAll(() => resetGlobalState(options));

  // seccomp_api_get(3): level 3 is Linux 4.14, level 5 Linux 5.0.
  describe.each([
    [2, ['killProcess', 'log', 'notify']],
    [3, ['notify']],
    [4, ['notify']],
    [5, []],
  ] as const)('at level %i', (level, refused) => {
    it(`libseccomp refuses ${refused.join(', ') || 'none'}`, () => {
      setApiLevel(level, options);
      const found = kinds.filter((kind) => {
        using filter = new Filter({ kind: 'errno', errno: 1 }, options);
        try {
          filter.addRule({ kind }, 'read');
          return false;
        } catch (error) {
          return error instanceof OciSeccompError && error.code === 'ERR_LIBSECCOMP';
        }
      });
      expect(found).toEqual(refused);
    });
  });
});
