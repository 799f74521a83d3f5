/**
 * A filter as a policy of minijail. A policy is for one architecture; each line allows a call under conditions, else it kills or
 * returns an errno.
 *
 * Sources: minijail0(5), minijail 2026-08 syscall_filter.c, bpf.c, util.c; the programs that its parse_seccomp_policy makes.
 * @module
 */
import { actions, type ReturnWord } from '../../abi/actions.ts';
import { type ArchName, architectures } from '../../abi/architectures.ts';
import { errnoByName, errnoName } from '../../abi/errno.ts';
import { type Comparison, operators, U64_MAX } from '../../abi/operators.ts';
import { formatReturnWord } from '../../abi/return-word.ts';
import { allSyscallNames, directSyscallNumber } from '../../abi/syscall-numbers.ts';
import { handedOn } from '../../consumers.ts';
import { equals } from '../../decision/condition-diagrams.ts';
import { cutByCall } from '../../decision/cut-diagram.ts';
import { decideCall } from '../../decision/decide-policy.ts';
import { FIELD_ARCH, FIELD_NR } from '../../decision/diagram-variables.ts';
import { effective, mapWords } from '../../decision/relate.ts';
import { ifThenElse, type Node, type Space, wordLeaf } from '../../decision/space.ts';
import { MINIJAIL_POLICY } from '../../oci/file-kind.ts';
import { bodiesOf, nodeOfNumber, withinReason, wordsIn } from '../write-rules.ts';
import {
  type ExpressibleFilter,
  type Inexpressible,
  isAction,
  placeOfCall,
  strictestWord,
  type Written,
} from './expressible-filter.ts';

const ALLOW = actions.allow.word;
const KILL = actions.killThread.word;

/** Writes a policy; where it cannot say the same, it is stricter, which `inexpressible` tells. */
export function writeMinijail(subject: ExpressibleFilter): Written {
  const {
    space,
    root,
    architectures: [arch, ...others],
    standard,
    standardPlace,
  } = subject;
  const inexpressible: Inexpressible[] = [];
  if (!isAction(standard, 'killThread')) {
    const message = `minijail kills the thread of a call that the policy does not name, and the filter answers ${formatReturnWord(standard)}`;
    inexpressible.push({ place: standardPlace, message, hasStricter: true });
  }
  if (others.length > 0) {
    const message = `a policy is for one architecture: minijail kills calls of ${others.join(' and ')}, which the filter tells apart`;
    inexpressible.push({ place: undefined, message, hasStricter: true });
  }
  const slice = cutByCall(space, [effective(space, root)]).find((each) => each.arch === arch);
  const lines: string[] = [];
  for (const name of allSyscallNames()) {
    const nr = directSyscallNumber(name, arch);
    const node = nr === undefined || slice === undefined ? undefined : nodeOfNumber(slice, nr);
    if (node === undefined) continue;
    const line = lineOf(subject, name, node, inexpressible);
    if (line !== undefined) lines.push(line);
  }
  inexpressible.push(...roomReasons(lines, arch));
  return {
    text: `# ${MINIJAIL_POLICY} for ${arch}: every call that no line names ends its thread\n${lines.join('\n')}\n`,
    inexpressible,
  };
}

function lineOf(
  subject: ExpressibleFilter,
  name: string,
  node: Node,
  found: Inexpressible[],
): string | undefined {
  const [arch] = subject.architectures;
  const words = wordsIn(subject.space, [node]);
  const denials = words.filter((word) => word !== ALLOW);
  const denial = strictestWord(denials.length === 0 ? [KILL] : denials);
  const isErrno = isAction(denial, 'errno');
  if (denials.length > 1 || (!isErrno && !isAction(denial, 'killThread') && denial !== subject.standard)) {
    const what = words.map((word) => formatReturnWord(word, arch)).join(' or ');
    const message = `minijail allows a call or gives it one errno, else it kills the thread: ${name} gets ${what}`;
    found.push({ place: placeOfCall(subject, name), message, hasStricter: true });
  }
  const end = isErrno ? `return ${errnoText(denial, arch)}` : '';
  if (!words.includes(ALLOW)) return end === '' ? undefined : `${name}: ${end}`;
  if (denials.length === 0) return `${name}: 1`;
  const groups = conditionOf(subject, node);
  if (groups !== undefined) return `${name}: ${groups.join(' || ')}${end === '' ? '' : `; ${end}`}`;
  const message = `no condition of minijail says when ${name} is allowed`;
  found.push({ place: placeOfCall(subject, name), message, hasStricter: true });
  return end === '' ? undefined : `${name}: ${end}`;
}

/** `BPF_MAXINSNS` */
const MAX_INSTRUCTIONS = 4096;
/** `BPF_LABELS_MAX`; minijail0 ends with a failed allocation where a policy needs more. */
const MAX_LABELS = 512;

/** minijail makes the program line by line, with labels for the conditions, and shortens nothing. */
function roomReasons(lines: readonly string[], arch: ArchName): readonly Inexpressible[] {
  const isWide = architectures[arch].bits === 64;
  // The architecture, the number, and the end of what no line names.
  let instructions = 5;
  let labels = 0;
  for (const line of lines) {
    const [, policy = ''] = line.split(': ');
    instructions += 2;
    if (policy === '1') continue;
    labels++;
    instructions += 2;
    if (policy.startsWith('return')) continue;
    const groups = policy.replace(/;.*/, '').split(' || ');
    const atoms = groups.flatMap((group) => group.split(' && '));
    labels += groups.length + 1;
    instructions += 2 + 2 * groups.length;
    for (const atom of atoms) instructions += !isWide ? 3 : /[<>]=? 0x\w{9}/.test(atom) ? 9 : 8;
  }
  if (instructions <= MAX_INSTRUCTIONS && labels <= MAX_LABELS) return [];
  const message = `minijail has room for ${MAX_INSTRUCTIONS} instructions and ${MAX_LABELS} labels, and needs ${instructions} and ${labels} for this policy`;
  return [{ place: undefined, message, hasStricter: false }];
}

function errnoText(word: ReturnWord, arch: ArchName): string {
  const number = word & 0xffff;
  return errnoName(number, arch) ?? String(number);
}

/** The alternatives under which a call is allowed. They are read again and compared with the diagram. */
function conditionOf(
  { space, architectures: [arch] }: ExpressibleFilter,
  node: Node,
): readonly string[] | undefined {
  return withinReason(() => {
    const isAllowed = mapWords(space, node, (word) => (word === ALLOW ? ALLOW : KILL));
    const situations = { archs: [], kernels: [], caps: [] };
    const bodies = bodiesOf(space, { situations, nodes: [isAllowed] }, [KILL], handedOn);
    const max = 2n ** BigInt(architectures[arch].bits) - 1n;
    const texts = bodies.map(({ comparisons }) =>
      comparisons
        .flatMap((each) => atomsOf(each, max))
        .map(atomText)
        .join(' && '),
    );
    const rules = texts.map((text, rule) => ({
      nr: 0,
      rule,
      returnWord: ALLOW,
      comparisons: readGroup(text),
    }));
    const again = decideCall(space, rules, architectures[arch].bits, wordLeaf(space, KILL));
    return again === isAllowed ? texts : undefined;
  });
}

/** A comparison as minijail has it: `arg0 & 4` is that a bit of 4 is set, `arg0 in 4` that no other one is. */
interface Atom {
  readonly index: number;
  readonly op: string;
  readonly value: bigint;
}

/** @param max - the largest value of an argument: minijail refuses larger constants */
function atomsOf({ index, op, value, valueTwo }: Comparison, max: bigint): readonly Atom[] {
  if (op !== 'maskedEq') return [{ index, op: operators[op].symbol, value }];
  if (value === max) return [{ index, op: '==', value: valueTwo }];
  const clear = value & ~valueTwo & max;
  const atoms: Atom[] = clear === 0n ? [] : [{ index, op: 'in', value: ~clear & max }];
  for (let bit = 1n; bit <= value; bit <<= 1n) {
    if ((value & valueTwo & bit) !== 0n) atoms.push({ index, op: '&', value: bit });
  }
  return atoms;
}

function atomText({ index, op, value }: Atom): string {
  return `arg${index} ${op} 0x${value.toString(16)}`;
}

/** Reads an alternative that was written here as minijail reads it. */
function readGroup(text: string): readonly Comparison[] {
  return text.split(' && ').map((atom) => {
    const [arg = '', symbol = '', constant = ''] = atom.split(' ');
    const index = Number(arg.slice('arg'.length));
    const value = BigInt(constant);
    if (symbol === '&') return { index, op: 'maskedEq', value, valueTwo: value };
    if (symbol === 'in') return { index, op: 'maskedEq', value: ~value & U64_MAX, valueTwo: 0n };
    const row = Object.values(operators).find((each) => each.symbol === symbol);
    if (row === undefined) throw new RangeError(`'${symbol}' is not an operator of minijail`);
    return { index, op: row.operator, value, valueTwo: 0n };
  });
}

/** Decides a policy that was written here. */
export function decideMinijail({ space, architectures: [arch] }: ExpressibleFilter, text: string): Node {
  const kill = wordLeaf(space, KILL);
  const { auditArch } = architectures[arch];
  let calls = kill;
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [name = '', policy = ''] = line.split(': ');
    const nr = directSyscallNumber(name, arch);
    if (nr === undefined) throw new RangeError(`${arch} has no call ${name}`);
    calls = ifThenElse(space, equals(space, FIELD_NR, nr), lineNode(space, policy, arch), calls);
  }
  return ifThenElse(space, equals(space, FIELD_ARCH, auditArch), calls, kill);
}

function lineNode(space: Space, policy: string, arch: ArchName): Node {
  if (policy === '1') return wordLeaf(space, ALLOW);
  const isDenied = policy.startsWith('return ');
  const [condition = '', end = ''] = isDenied ? ['', policy] : policy.split('; ');
  const denied = wordLeaf(space, end === '' ? KILL : errnoWord(end.slice('return '.length), arch));
  if (isDenied) return denied;
  const rules = condition
    .split(' || ')
    .map((group, rule) => ({ nr: 0, rule, returnWord: ALLOW, comparisons: readGroup(group) }));
  return decideCall(space, rules, architectures[arch].bits, denied);
}

function errnoWord(text: string, arch: ArchName): ReturnWord {
  return (actions.errno.word | (errnoByName(text, arch) ?? Number(text))) >>> 0;
}
