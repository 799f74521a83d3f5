/**
 * Makes calls of libseccomp that are lists of a name and plain values, as libseccomp's own tests make them, through the binding.
 * @module
 */
import type { Operator } from '../../../src/abi/operators.ts';
import { operators } from '../../../src/abi/operators.ts';
import {
  type AttributeName,
  type AttributeValue,
  actionFromNative,
  actionToNative,
  apiLevel,
  archToNative,
  attributes,
  type ComparisonInput,
  Filter,
  findArch,
  OciSeccompError,
  resetGlobalState,
  resolveSyscall,
  resolveSyscallRewrite,
  setApiLevel,
} from '../../../src/libseccomp/index.ts';
import { type Draft, addRule as noteRule, startDraft } from './drafts.ts';

type Json = string | number | boolean | null | undefined;
type Fields = readonly [number, number, string, string];
// biome-ignore lint/suspicious/noExplicitAny: what Python sent is what the binding is to judge
type Given = any;
type Calls = Readonly<Record<string, (...given: readonly Given[]) => Json>>;

/** Is told of each filter that is exported. */
export type OnExport = (draft: Draft, bytes: Uint8Array) => void;

/** The calls of one test: its filters are its own, and named by the count of those before. */
export function bindingCalls(library: string, onExport: OnExport = () => {}): Calls {
  const options = { library };
  const filters: Filter[] = [];
  const drafts: Draft[] = [];
  const draft = (id: number): Draft => drafts[id] ?? startDraft(0, library);
  const filter = (id: number): Filter => {
    const found = filters[id];
    if (found === undefined) throw new Error(`no filter ${id}`);
    return found;
  };
  return {
    get_api: () => apiLevel(options),
    set_api: (level) => void setApiLevel(level, options),
    arch: (spelling) => archToNative(findArch(spelling, options)),
    token: (name) => archToNative(name),
    reset_global: () => void resetGlobalState(options),
    resolve: (arch, syscall) => resolveSyscall(syscall, arch, options),
    rewrite: (arch, name) => resolveSyscallRewrite(arch, name, options),
    init: (word) => {
      filters.push(new Filter(actionFromNative(word), options));
      return drafts.push(startDraft(word, library)) - 1;
    },
    reset: (id, word) => {
      filter(id).reset(actionFromNative(word));
      drafts[id] = startDraft(word, library);
    },
    release: (id) => void filter(id).release(),
    merge: (id, other) => {
      filter(id).merge(filter(other));
      draft(id).archs = [...draft(id).archs, ...draft(other).archs];
      draft(id).rules = [...draft(id).rules, ...draft(other).rules];
    },
    exist_arch: (id, arch) => filter(id).hasArch(arch),
    add_arch: (id, arch) => {
      filter(id).addArch(arch);
      draft(id).archs = [...draft(id).archs, findArch(arch, options)];
    },
    remove_arch: (id, arch) => {
      filter(id).removeArch(arch);
      draft(id).archs = draft(id).archs.filter((each) => each !== findArch(arch, options));
    },
    get_attr: (id, native) => plain(filter(id).getAttribute(attributeName(native))),
    set_attr: (id, native, value) => {
      const name = attributeName(native);
      filter(id).setAttribute(name, attributeValue(name, value) as AttributeValue<typeof name>);
      if (name === 'ACT_BADARCH') draft(id).badArchAction = value;
    },
    syscall_priority: (id, syscall, priority) => void filter(id).syscallPriority(syscall, priority),
    add_rule: (id, word, syscall, fields) => {
      filter(id).addRule(actionFromNative(word), syscall, fields.map(toInput));
      noteRule(draft(id), library, [word, syscall, fields.map(toInput)]);
    },
    add_rule_exactly: (id, word, syscall, fields) => {
      filter(id).addRuleExact(actionFromNative(word), syscall, fields.map(toInput));
      noteRule(draft(id), library, [word, syscall, fields.map(toInput)]);
    },
    precompute: (id) => void filter(id).precompute(),
    start_transaction: (id) => {
      filter(id).transactionStart();
      draft(id).before = [...draft(id).before, { ...draft(id) }];
    },
    commit_transaction: (id) => {
      filter(id).transactionCommit();
      draft(id).before = draft(id).before.slice(0, -1);
    },
    reject_transaction: (id) => {
      filter(id).transactionReject();
      Object.assign(draft(id), draft(id).before.at(-1));
    },
    export_bpf: (id) => {
      const bytes = filter(id).exportBpf();
      onExport(draft(id), bytes);
      return Buffer.from(bytes).toString('hex');
    },
    export_pfc: (id) => filter(id).exportPfc(),
  };
}

function attributeName(native: number): AttributeName {
  const found = Object.entries(attributes).find(([, row]) => row.native === native);
  if (found === undefined) throw new OciSeccompError('ERR_USAGE', `no attribute ${native}`);
  return found[0] as AttributeName;
}

function attributeValue(name: AttributeName, value: number): unknown {
  const { type } = attributes[name];
  if (type === 'action') return actionFromNative(value);
  return type === 'boolean' ? value !== 0 : value;
}

function plain(value: AttributeValue<AttributeName>): number {
  return typeof value === 'object' ? actionToNative(value) : Number(value);
}

function toInput([index, native, value, valueTwo]: Fields): ComparisonInput {
  const op = Object.values(operators).find(({ scmpCompare }) => scmpCompare === native)?.operator as Operator;
  return op === 'maskedEq' ? { index, op, value, valueTwo } : { index, op, value };
}

/** What the binding answers: a value, what libseccomp refused (`errno`), or what the binding did (`usage`). */
export interface Answer {
  readonly value?: Json;
  readonly errno?: number;
  readonly usage?: string;
}

/** Makes a call. */
export function answer(calls: Calls, [name, ...given]: readonly [string, ...Given[]]): Answer {
  try {
    const value = calls[name]?.(...given);
    return value === undefined ? {} : { value };
  } catch (error) {
    if (!(error instanceof OciSeccompError)) return { usage: String(error) };
    const { errno } = error.details;
    return error.code === 'ERR_LIBSECCOMP' ? { errno: Number(errno) } : { usage: error.message };
  }
}
