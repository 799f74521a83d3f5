import { OciSeccompError } from '../../../src/errors.ts';
import type { LintOptions } from '../../../src/lint/engine/lint-profile.ts';
import type { RuleCases } from '../cases.ts';
import { profile, rule } from '../texts.ts';

function compiledTo(length: number): LintOptions {
  const program = new Array(length).fill({ code: 0x06, jt: 0, jf: 0, k: 0 });
  return { compilers: [{ name: 'a compiler', compile: () => Promise.resolve({ program }) }] };
}

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a program of 4097 instructions',
      text: profile([rule('read', 'ALLOW')]),
      options: compiledTo(4097),
      at: ['1:49'],
      messages: [/\(a compiler: 4097\)/],
    },
    {
      name: 'a program that the compiler refuses',
      text: profile([rule('read', 'ALLOW')]),
      options: {
        compilers: [
          {
            name: 'a compiler',
            compile: () => Promise.reject(new OciSeccompError('ERR_BPF_INVALID', 'too long')),
          },
        ],
      },
      at: ['1:49'],
    },
  ],
  clean: [
    {
      name: 'a program of 4096 instructions',
      text: profile([rule('read', 'ALLOW')]),
      options: compiledTo(4096),
    },
    {
      name: 'a compiler that is missing',
      text: profile([rule('read', 'ALLOW')]),
      options: {
        compilers: [
          {
            name: 'a compiler',
            compile: () => Promise.reject(new OciSeccompError('ERR_LIBSECCOMP_MISSING', 'none')),
          },
        ],
      },
    },
    { name: 'no compiler', text: profile([rule('read', 'ALLOW')]) },
  ],
};
