/**
 * The profile of a filter that a command names.
 * @module
 */
import type { Endian } from '../../abi/architectures.ts';
import { NEWEST_KERNEL } from '../../abi/kernel-history.ts';
import { type Decompiled, synthesizeProfile } from '../../compose/synthesize-profile.ts';
import { decidePrograms } from '../../decision/answer-call.ts';
import { createSpace } from '../../decision/space.ts';
import { OciSeccompError } from '../../errors.ts';
import { resolveProfile } from '../../oci/resolve-profile.ts';
import { serializeLinuxSeccomp } from '../../oci/serialize.ts';
import { loadFilterSource } from '../../pipeline/filter-source.ts';
import { requireKubernetesForm } from '../operands/form-options.ts';
import { parseArch, requireUses } from '../operands/host-options.ts';
import { brokenUnderProfile } from './broken-result.ts';

interface Options {
  readonly to: 'oci' | 'kubernetes';
  readonly format?: 'yaml' | 'json';
  readonly name?: string;
  readonly arch?: string;
  readonly endian?: Endian;
  readonly stricter?: true;
}

/** What was read, and the profile. */
interface DecompiledOperand {
  readonly name: string;
  readonly decompiled: Decompiled;
  readonly text: string;
  readonly warnings: readonly string[];
}

/** @throws OciSeccompError `ERR_USAGE` for a profile; else as `synthesizeProfile` */
export async function decompileOperand(operand: string, options: Options): Promise<DecompiledOperand> {
  const { endian, arch } = options;
  requireKubernetesForm(options);
  const source = await loadFilterSource(operand, { endian });
  if (source.kind === 'profile') {
    throw new OciSeccompError('ERR_USAGE', `${source.input.name} is a profile already`, {
      hint: 'oci-seccomp simplify writes it in fewer rules, resolve writes it for one host',
    });
  }
  await requireUses({ endian }, [source]);
  const space = createSpace();
  const root = decidePrograms(space, source.filters);
  const decompiled = synthesizeProfile(space, root, {
    ...(arch === undefined ? {} : { arch: parseArch(arch) }),
    allowStricter: options.stricter === true,
  });
  const text = await write(decompiled, options);
  const breaks = await brokenUnderProfile(decompiled.profile, [decompiled.arch]);
  return { name: source.name, decompiled, text, warnings: [...source.warnings, ...breaks] };
}

async function write({ profile, arch }: Decompiled, { to, name, format }: Options): Promise<string> {
  const { seccomp } = resolveProfile(profile, { arch, kernel: NEWEST_KERNEL, capabilities: [] });
  if (seccomp === undefined) throw new RangeError('a profile with a default action is a filter');
  if (to === 'oci') return serializeLinuxSeccomp(seccomp);
  const { serializeSeccompProfile } = await import('../../oci/serialize-kubernetes.ts');
  return serializeSeccompProfile(seccomp, {
    name: name ?? 'profile',
    format,
  });
}
