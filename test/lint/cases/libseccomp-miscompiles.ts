import { decodeProgram } from '../../../src/bpf/program.ts';
import { OciSeccompError } from '../../../src/errors.ts';
import type { LintCompiler } from '../../../src/lint/ask/host-view.ts';
import type { RuleCases } from '../cases.ts';
import { arg, profile, rule } from '../texts.ts';

// What libseccomp 2.5.4 builds from `range` on x86_64.
const wrong =
  'IAAAAAQAAAAVAAAPPgAAwCAAAAAAAAAANQAAAQAAAEAVAAAM/////xUAAAmHAAAAIAAAABQAAAAlAAMAAAAAABUAAAcAAAAAIAAAABAAAAA1AAAF/wAAACUABAABAAAAFQAAAgEAAAAgAAAAEAAAADUAAQAFAAAABgAAAAEABQAGAAAAAAD/fwYAAAAAAAAA';
const range = [
  rule('personality', 'ALLOW', [arg(0, 'GE', 0x1_0000_0005n)]),
  rule('personality', 'ALLOW', [arg(0, 'LT', 255)]),
];

// And from `values`.
const right =
  'IAAAAAQAAAAVAAALPgAAwCAAAAAAAAAANQAAAQAAAEAVAAAI/////xUAAAWHAAAAIAAAABQAAAAVAAADAAAAACAAAAAQAAAAFQACAP8AAAAVAAEACAAAAAYAAAABAAUABgAAAAAA/38GAAAAAAAAAA==';
const values = [
  rule('personality', 'ALLOW', [arg(0, 'EQ', 8)]),
  rule('personality', 'ALLOW', [arg(0, 'EQ', 255)]),
];

function recorded(program: string): LintCompiler {
  return {
    name: 'libseccomp 2.5.4',
    compile: async () => ({ program: decodeProgram(Buffer.from(program, 'base64'), 'little') }),
  };
}
const endless: LintCompiler = {
  name: 'libseccomp 2.5.4',
  compile: async () => {
    throw new OciSeccompError('ERR_LIBSECCOMP_TIMEOUT', 'libseccomp did not finish', {
      hint: 'name read once',
    });
  },
};

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a range that grows by one',
      text: profile(range),
      options: { compilers: [recorded(wrong)], runtimes: ['crun'] },
      at: ['2:14'],
      witnesses: ['x86_64 personality(255): ALLOW instead of ERRNO EPERM (1)'],
      messages: [/'personality' are compiled wrongly by libseccomp 2.5.4: the filter lets through/],
      // One argument cannot be compared less.
      hints: [/^compare only for equality in the rules of personality, or only with values below 2\^32$/],
    },
    {
      name: 'rules that the library does not finish with',
      text: profile(range),
      options: { compilers: [endless] },
      at: ['1:37'],
      messages: [/^libseccomp 2\.5\.4 makes no filter from these rules: libseccomp did not finish$/],
      hints: [/^name read once$/],
    },
  ],
  clean: [
    { name: 'the same without a compiler', text: profile(range) },
    {
      name: 'a program for rules that it gets right',
      text: profile(values),
      options: { compilers: [recorded(right)], runtimes: ['crun'] },
    },
  ],
};
