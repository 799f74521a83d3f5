/**
 * The machine's libseccomp for lint. Few profiles need it, so the first of them loads it.
 * @module
 */
import { U32_MAX } from '../../abi/operators.ts';
import type { LintCompiler } from '../../lint/ask/host-view.ts';
import type { Policy, PolicyRule } from '../../policy/policy.ts';

/**
 * The kernel's limit of instructions: an estimate above it is worth a compile. The estimate is always too high. libseccomp
 * makes 1 instruction of a name, some for a binary tree, and up to 6 of a comparison.
 */
const LONG_PROGRAM = 4096;

/**
 * Makes the compiler.
 *
 * @param library - libseccomp to use, which is loaded at once; `undefined`: the machine's, loaded when it is first needed
 * @throws OciSeccompError as `openLibrary` if the named one cannot be loaded
 */
export async function libseccompCompiler(library: string | undefined): Promise<LintCompiler> {
  const open = async (): Promise<string> => {
    const { formatVersion, openLibrary } = await import('../../libseccomp/library.ts');
    return `libseccomp ${formatVersion(openLibrary(library).version)}`;
  };
  if (library !== undefined) await open();
  let name = 'libseccomp';
  return {
    get name() {
      return name;
    },
    concerns: canGoWrong,
    compile: async (policy) => {
      // Set before anything can fail, so that the name does not depend on which profile came first.
      name = await open();
      const { compilePolicy, QUESTION_TIMEOUT_MS } = await import('../../compile/compile-policy.ts');
      const { program } = await compilePolicy(policy, {
        allowUnproven: true,
        timeoutMs: QUESTION_TIMEOUT_MS,
        library,
      });
      return { program };
    },
  };
}

/**
 * Whether libseccomp may compile the policy wrongly, or to a program that the kernel refuses. docs/libseccomp-defects.md
 * counts which shapes of rules are right in all versions: all but several conditional rules of one call.
 */
function canGoWrong({ rules, architectures }: Policy): boolean {
  const bySyscall = new Map<string, PolicyRule[]>();
  let instructions = 0;
  rules.forEach((rule) => {
    instructions += 2 + 6 * rule.comparisons.length;
    if (rule.comparisons.length === 0) return;
    const group = bySyscall.get(rule.syscall);
    if (group === undefined) bySyscall.set(rule.syscall, [rule]);
    else group.push(rule);
  });
  return instructions * architectures.length > LONG_PROGRAM || [...bySyscall.values()].some(isEntangled);
}

function isEntangled(rules: readonly PolicyRule[]): boolean {
  if (rules.length < 2) return false;
  const comparisons = rules.flatMap((rule) => rule.comparisons);
  if (comparisons.every(({ op }) => op === 'eq')) return false;
  const narrow = comparisons.every(({ value, valueTwo }) => value <= U32_MAX && (valueTwo ?? 0n) <= U32_MAX);
  return !narrow || rules.some((rule) => rule.comparisons.length > 1);
}
