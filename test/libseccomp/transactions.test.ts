/**
 * Transactions are counted as the library counts them, so that no reject reaches one that has none open. The library
 * is this machine's own behind a shim that counts; what transactions undo is tested with libseccomp 2.6.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { OciSeccompError } from '../../src/errors.ts';
import { loadKoffi } from '../../src/ffi.ts';
import { allow, Filter } from '../../src/libseccomp/index.ts';
import { installedLibraries } from '../oracle/libraries.ts';
import { describeWith } from '../oracle/support/require.ts';
import { buildShim } from './support/shim.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-transactions-'));
const shim = join(folder, 'transaction-shim.so');
afterAll(() => rmSync(folder, { recursive: true }));

/** Steps of a case; `throws` runs the inner steps in `transaction` and throws at their end, `keeps` returns. */
type Step =
  | 'start'
  | 'commit'
  | 'reject'
  | 'reset'
  | 'fail'
  | { readonly [end in 'throws' | 'keeps']?: Steps };
type Steps = readonly Step[];

const cases: readonly (readonly [name: string, steps: Steps, refused: number, open: number])[] = [
  ['a reject without a start', ['reject'], 1, 0],
  ['a reject for each start', ['start', 'start', 'reject', 'reject'], 0, 0],
  ['one reject too many', ['start', 'start', 'reject', 'reject', 'reject'], 1, 0],
  ['a reject after a commit', ['start', 'commit', 'reject'], 1, 0],
  ['a commit without a start is none', ['commit', 'start', 'reject', 'reject'], 1, 0],
  ['commits without a start are not owed', ['commit', 'commit', 'start'], 0, 1],
  ['a reset ends them all', ['start', 'start', 'reset', 'reject'], 1, 0],
  ['a start that failed', ['fail', 'start', 'reject'], 2, 0],
  ['work that is kept', [{ keeps: [] }, 'reject'], 1, 0],
  ['work that is undone', [{ throws: [] }, 'reject'], 1, 0],
  ['work that leaves others open', [{ throws: ['start', 'start'] }, 'reject'], 1, 0],
  ['work inside another', ['start', { throws: ['start'] }], 0, 1],
  ['work that is kept inside another', ['start', { keeps: [] }], 0, 1],
  ['work that is kept and ends it itself', ['start', { keeps: ['commit'] }], 0, 1],
  ['work that is kept and leaves others open', [{ keeps: ['start', 'start'] }, 'reject'], 1, 0],
  ['work that ends it itself', ['start', { throws: ['reject'] }], 0, 1],
  ['work that ends more than it', ['start', { throws: ['reject', 'reject'] }, 'reject'], 1, 0],
];

class Thrown extends Error {}

describeWith(['cc'], 'open transactions', () => {
  let counts: { readonly open: () => number; readonly misused: () => number };
  let fail: () => void;
  let forget: () => void;

  beforeAll(() => {
    buildShim('transaction-shim', shim, installedLibraries()[0]?.path);
    const native = loadKoffi().load(shim);
    counts = {
      open: native.func('int transactions_open(void)'),
      misused: native.func('int transactions_misused(void)'),
    };
    fail = native.func('void transactions_fail(void)');
    forget = native.func('void transactions_forget(void)');
  });
  beforeEach(() => forget());

  it.each(cases)('%s', (_, steps, refused, open) => {
    using filter = new Filter(allow(), { library: shim });
    const codes: string[] = [];
    const run = (each: Step): void => {
      if (each === 'start') filter.transactionStart();
      else if (each === 'commit') filter.transactionCommit();
      else if (each === 'reject') filter.transactionReject();
      else if (each === 'reset') filter.reset(allow());
      else if (each === 'fail') fail();
      else
        filter.transaction(() => {
          for (const inner of each.keeps ?? each.throws ?? []) attempt(inner);
          if (each.throws !== undefined) throw new Thrown();
        });
    };
    const attempt = (each: Step): void => {
      try {
        run(each);
      } catch (error) {
        if (error instanceof OciSeccompError) codes.push(error.code);
        else if (!(error instanceof Thrown)) throw error;
      }
    };
    for (const each of steps) attempt(each);
    expect({ refused: codes.length, open: counts.open(), misused: counts.misused() }).toEqual({
      refused,
      open,
      misused: 0,
    });
  });
});
