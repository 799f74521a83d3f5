/**
 * The other half of python/module/seccomp.py: makes the calls of libseccomp's Python tests through the binding.
 * @module
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
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
  resolveSyscall,
  setApiLevel,
} from '../../../src/libseccomp/index.ts';

type Json = string | number | boolean | null | undefined;
type Fields = readonly [number, number, string, string];
// biome-ignore lint/suspicious/noExplicitAny: what Python sent is what the binding is to judge
type Given = any;
type Calls = Readonly<Record<string, (...given: readonly Given[]) => Json>>;

/** The calls of one test: its filters are its own. */
function callsOf(library: string): Calls {
  const options = { library };
  const filters: Filter[] = [];
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
    resolve: (arch, syscall) => resolveSyscall(syscall, arch, options),
    init: (word) => filters.push(new Filter(actionFromNative(word), options)) - 1,
    reset: (id, word) => void filter(id).reset(actionFromNative(word)),
    merge: (id, other) => void filter(id).merge(filter(other)),
    exist_arch: (id, arch) => filter(id).hasArch(arch),
    add_arch: (id, arch) => void filter(id).addArch(arch),
    remove_arch: (id, arch) => void filter(id).removeArch(arch),
    get_attr: (id, native) => plain(filter(id).getAttribute(attributeName(native))),
    set_attr: (id, native, value) => {
      const name = attributeName(native);
      filter(id).setAttribute(name, attributeValue(name, value) as AttributeValue<typeof name>);
    },
    syscall_priority: (id, syscall, priority) => void filter(id).syscallPriority(syscall, priority),
    add_rule: (id, word, syscall, fields) =>
      void filter(id).addRule(actionFromNative(word), syscall, fields.map(toInput)),
    add_rule_exactly: (id, word, syscall, fields) =>
      void filter(id).addRuleExact(actionFromNative(word), syscall, fields.map(toInput)),
    precompute: (id) => void filter(id).precompute(),
    start_transaction: (id) => void filter(id).transactionStart(),
    commit_transaction: (id) => void filter(id).transactionCommit(),
    reject_transaction: (id) => void filter(id).transactionReject(),
    export_bpf: (id) => Buffer.from(filter(id).exportBpf()).toString('hex'),
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

function reply(calls: Calls, line: string): object {
  const [name, ...given] = JSON.parse(line) as [string, ...Given[]];
  try {
    const value = calls[name]?.(...given);
    return value === undefined ? {} : { value };
  } catch (error) {
    if (!(error instanceof OciSeccompError)) return { usage: String(error) };
    const { errno } = error.details;
    return error.code === 'ERR_LIBSECCOMP' ? { errno } : { usage: error.message };
  }
}

/** Serves Python processes that come to a socket. The API level is the process's: each test begins with the real one. */
export function servePython(path: string, library: string): Server {
  const level = apiLevel({ library });
  return createServer((socket: Socket) => {
    setApiLevel(level, { library });
    const calls = callsOf(library);
    socket.on('error', () => {});
    createInterface({ input: socket }).on('line', (line) => {
      socket.write(`${JSON.stringify(reply(calls, line))}\n`);
    });
  }).listen(path);
}
