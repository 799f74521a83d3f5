/**
 * Filters longer than the kernel takes: the container does not start, and only with the library that made it so long.
 * @module
 */
import { BPF_MAXINSNS } from '../../bpf/longest-program.ts';
import type { CompiledView } from '../ask/host-view.ts';
import { leaveOpen } from '../ask/named-calls.ts';
import { builtinRule } from '../engine/rule.ts';

export const tooLong = builtinRule({
  id: 'too-long',
  group: 'breakage',
  level: 'error',
  title: 'The filter has more instructions than the kernel accepts',
  check: ({ views, root, report }) => {
    for (const view of views) {
      const long = view.compiled.filter(isTooLong);
      // The work of a file's compilers is limited.
      if (view.compiled.some(({ error }) => error?.code === 'ERR_UNDECIDED')) leaveOpen();
      if (long.length === 0) continue;
      const compilers = long.map(({ compiler, program }) =>
        program === undefined ? compiler : `${compiler}: ${program.length}`,
      );
      report({
        pointer: `${root}/syscalls`,
        message: `the filter has more than the ${BPF_MAXINSNS} instructions that the kernel accepts (${compilers.join(', ')})`,
        hint: 'merge rules, or remove comparisons or architectures; rules with many comparisons need the most instructions',
        view,
      });
    }
  },
});

function isTooLong({ program, error }: CompiledView): boolean {
  if (program !== undefined) return program.length > BPF_MAXINSNS;
  return error?.code === 'ERR_BPF_INVALID';
}
