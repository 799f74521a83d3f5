/**
 * Programs that were compiled before and kept. They are not trusted: each is proven again before it is used. So somebody who can
 * write the store can only make more work.
 * @module
 */
import { exactJson } from '../abi/exact-json.ts';
import { BPF_CLASS, BPF_RET, BPF_RET_K, decodeProgram, encodeProgram, type Program } from '../bpf/program.ts';
import { findProgramProblems } from '../bpf/program-problems.ts';
import { OciSeccompError } from '../errors.ts';
import { stubWord } from '../policy/answered-by-stub.ts';
import type { ArchPolicy } from '../policy/expand-policy.ts';
import type { Policy } from '../policy/policy.ts';
import type { CallCounts } from './builtin/read-call-counts.ts';
import { type Proof, type ProofInput, proveProgram } from './prove.ts';

/** Where programs are kept between runs. */
export interface ProgramStore {
  /**
   * Looks a program up.
   *
   * @param key - all that the program depends on, as one text
   * @returns its bytes as the target reads them; `undefined` if the store has no such program
   */
  readonly find: (key: string) => Uint8Array | undefined;
  /** Called if what {@link find} returned is not used. `why` is a clause about the entry: `it is not a program …`. */
  readonly passOver: (key: string, why: string) => void;
  /** Keeps a program. It never throws: a program that cannot be kept is made again. */
  readonly keep: (key: string, program: Uint8Array) => void;
}

/** Everything that decides which program the builtin compiler makes, except its version. */
export interface ProgramInputs {
  readonly policy: Policy;
  /** The policy's rules by architecture, from `expandPolicy`. */
  readonly expanded: readonly ArchPolicy[];
  /** `undefined`: the default. */
  readonly callCounts: CallCounts | undefined;
}

/**
 * The key of a program: the whole policy, so that nothing is forgotten, and the numbers of its rules on each architecture.
 */
export function programKey({ policy, expanded, callCounts }: ProgramInputs): string {
  const counts = callCounts === undefined ? 'default' : [...callCounts];
  const numbers = expanded.map(({ arch, rules }) => [arch, ...rules.map(({ nr }) => nr)]);
  return exactJson([counts, policy, numbers]);
}

/** A program that was kept, with a proof that was made now. */
interface KeptProgram {
  readonly program: Program;
  readonly proof: Proof;
}

/** What one compilation does with a store. */
export interface Keeper {
  /** Finds the program and proves it. @returns `undefined` if no program is kept, or the kept one is not proven */
  readonly find: (expanded: readonly ArchPolicy[]) => KeptProgram | undefined;
  /** Keeps the program that was built because none was found. */
  readonly keep: (built: KeptProgram) => void;
}

/** Joins a store and a policy. */
export function createKeeper(
  store: ProgramStore,
  meant: Omit<ProofInput, 'program'>,
  callCounts: CallCounts | undefined,
): Keeper {
  let key: string | undefined;
  return {
    find: (expanded) => {
      key = programKey({ policy: meant.policy, expanded, callCounts });
      const bytes = store.find(key);
      if (bytes === undefined) return undefined;
      const found = judge(bytes, meant);
      if (typeof found !== 'string') return found;
      store.passOver(key, found);
      return undefined;
    },
    keep: ({ program, proof }) => {
      if (key !== undefined && isKeepable(proof)) store.keep(key, encodeProgram(program, meant.endian));
    },
  };
}

/** @returns why a program is not used, if it is not */
function judge(bytes: Uint8Array, meant: Omit<ProofInput, 'program'>): KeptProgram | string {
  try {
    const program = decodeProgram(bytes, meant.endian);
    if (findProgramProblems(program).length > 0) return 'it is not a program that the kernel accepts';
    if (!returnsOnlyOf(program, meant.policy)) return 'it returns what no rule of the profile says';
    const proof = proveProgram({ ...meant, program });
    if (!proof.equal) return 'it does not do what the profile says';
    return isKeepable(proof) ? { program, proof } : CONFLICT;
  } catch (error) {
    if (error instanceof OciSeccompError) return `it cannot be used: ${error.message}`;
    throw error;
  }
}

/**
 * Whether a program returns only words of its policy, in the form that the compiler writes. The proof is not enough: it is about a
 * filter alone, and treats an unknown action as KILL_PROCESS. Beside another filter, the kernel ranks the two differently.
 */
function returnsOnlyOf(program: Program, policy: Policy): boolean {
  const { defaultAction, badArchAction, rules, enosysStub } = policy;
  const words = new Set([defaultAction, badArchAction, ...rules.map(({ returnWord }) => returnWord)]);
  if (enosysStub !== undefined) words.add(stubWord(policy));
  return program.every(
    ({ code, k }) => (code & BPF_CLASS) !== BPF_RET || (code === BPF_RET_K && words.has(k)),
  );
}

const CONFLICT =
  'rules of the profile contradict each other, and it may follow others than its compiler would';

/** If rules are in conflict, a proof accepts either side. The compiler may have chosen the other one, so nothing is kept. */
function isKeepable({ equal, conflicts }: Proof): boolean {
  return equal && conflicts.length === 0;
}
