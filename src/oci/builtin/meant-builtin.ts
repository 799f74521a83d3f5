/**
 * Guesses which built-in profile a word stands for, for hints in messages.
 * @module
 */
import { nearest } from '../../abi/nearest-name.ts';
import { isSyscallName } from '../../abi/syscall-numbers.ts';
import { builtinFamilies } from './index.ts';

/** Kubernetes has no profile of its own: RuntimeDefault is what the engine of the node brings. */
const OF_KUBERNETES = /^(?:k8s|kubernetes|kubelet|runtimedefault)$/;

/**
 * @param word - that names no built-in profile: `docker`, `cri-o@1.29`, `moby`, `RuntimeDefault`, a misspelt name
 * @returns a question or a sentence for a hint, with a space behind it; empty if nothing is near
 */
export function meantBuiltin(word: string): string {
  const [name = '', ...release] = word.split('@');
  const folded = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (OF_KUBERNETES.test(folded)) {
    return "RuntimeDefault is the default of the node's engine: containerd-default or crio-default. ";
  }
  const family =
    folded === 'moby'
      ? 'docker-default'
      : builtinFamilies.find((each) => folded.length > 2 && each.replace('-', '').startsWith(folded));
  if (family === undefined && isSyscallName(word))
    return `${word} is a system call, and a profile comes first; `;
  const near = family ?? nearest(name, builtinFamilies);
  return near === undefined ? '' : `did you mean ${[near, ...release].join('@')}? `;
}

/** What to say of a file that does not exist: it may be a built-in profile misspelt. */
export function builtinHint(operand: string): string | undefined {
  // Docker and Kubernetes once wrote their defaults with a slash.
  if (operand.includes('/') && !/^(?:docker|runtime)\/default$/.test(operand)) return undefined;
  return `${meantBuiltin(operand)}built-in profiles are ${builtinFamilies.join(', ')}; anything else is a path`;
}
