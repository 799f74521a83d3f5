/**
 * Programs as JSON: what `compile --format json` and `disasm --format json` write, or the bare array.
 * @module
 */
import type { Endian } from '../abi/architectures.ts';
import { OciSeccompError } from '../errors.ts';
import { MAX_INSTRUCTIONS } from './assemble.ts';
import { FIELD_LIMITS, type Program, type SockFilter } from './program.ts';

/**
 * Reads `{endian?, instructions: [{code, jt, jf, k}]}` or the array alone; other members are ignored.
 *
 * @throws OciSeccompError `ERR_BPF_INVALID`
 */
export function readJsonProgram(
  text: string,
  name: string,
): { program: Program; endian: Endian | undefined } {
  const value = parse(text, name);
  const list: unknown = Array.isArray(value) ? value : member(value, 'instructions');
  if (!Array.isArray(list)) {
    const isProfile = ['defaultAction', 'syscalls', 'linux'].some((key) => member(value, key) !== undefined);
    if (isProfile) {
      throw new OciSeccompError('ERR_BPF_INVALID', `${name} is a seccomp profile, not a program`, {
        hint: 'compile it first: oci-seccomp compile FILE -o program.bpf',
      });
    }
    throw invalid(`${name}: the JSON has no array 'instructions'`);
  }
  if (list.length > MAX_INSTRUCTIONS) throw invalid(`${name}: more than ${MAX_INSTRUCTIONS} instructions`);
  const endian = member(value, 'endian');
  if (endian !== undefined && endian !== 'little' && endian !== 'big') {
    throw invalid(`${name}: 'endian' is neither "little" nor "big"`);
  }
  return { program: list.map((each, i) => instructionOf(each, `${name}: instructions[${i}]`)), endian };
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // The message of JSON.parse says where.
    const reason = cause instanceof Error ? cause.message.replace(/\s+/g, ' ').slice(0, 120) : '';
    throw new OciSeccompError('ERR_BPF_INVALID', `${name}: no valid JSON: ${reason}`, { cause });
  }
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}

function instructionOf(value: unknown, place: string): SockFilter {
  const field = (key: keyof SockFilter): number => {
    const found = member(value, key);
    const limit = FIELD_LIMITS[key];
    if (typeof found === 'number' && Number.isInteger(found) && found >= 0 && found <= limit) return found;
    throw invalid(`${place}.${key} must be an integer in 0..${limit}`);
  };
  return { code: field('code'), jt: field('jt'), jf: field('jf'), k: field('k') };
}

function invalid(message: string): OciSeccompError {
  return new OciSeccompError('ERR_BPF_INVALID', message, {
    hint: 'a program as JSON is {"endian": "little", "instructions": [{"code": 6, "jt": 0, "jf": 0, "k": 2147418112}]}',
  });
}
