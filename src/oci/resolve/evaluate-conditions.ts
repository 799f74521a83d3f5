/**
 * Whether a rule applies on a host, as the engines that read conditions decide it.
 *
 * Sources: moby/profiles 2026-06 seccomp/seccomp_linux.go and seccomp/kernel_linux.go, containers/common 0.67.1
 * pkg/seccomp/seccomp_linux.go.
 * @module
 */
import { architectures } from '../../abi/architectures.ts';
import type { EngineRow } from '../../consumers.ts';
import type { Host, KernelVersion } from '../host.ts';
import type { ProfileRule, RuleConditions } from '../profile.ts';
import { parseMinKernel } from './min-kernel.ts';
import { type ResolveStep, resolveStep } from './resolve-steps.ts';

/**
 * What the conditions of a rule come to: the step that drops the rule (`undefined` if it stays), and the conditions that
 * were not read.
 */
interface Verdict {
  readonly dropped: ResolveStep | undefined;
  readonly lost: readonly ResolveStep[];
}

/** Evaluates the conditions of one rule. `minKernel` must be readable (`parseMinKernel`). */
export function evaluateConditions(rule: ProfileRule, index: number, host: Host, engine: EngineRow): Verdict {
  const lost: ResolveStep[] = [];
  const arch = engine.archInConditions(architectures[host.arch]);
  const capabilities = host.capabilities ?? (engine.testsMissingCapabilities ? [] : undefined);
  const dropped =
    excludedBy(rule.excludes ?? {}, { arch, capabilities, host, engine, index }) ??
    notIncludedBy(rule.includes ?? {}, { arch, capabilities, host, engine, index });
  for (const key of ['includes', 'excludes'] as const) {
    const { caps = [], minKernel } = rule[key] ?? {};
    if (capabilities === undefined && caps.length > 0) {
      lost.push(resolveStep('caps-untested', index, [`${key}.caps ${caps.join(' ')}`]));
    }
    if (!engine.readsMinKernel && minKernel !== undefined) {
      lost.push(resolveStep('min-kernel-ignored', index, [`${key}.minKernel '${minKernel}'`]));
    }
  }
  return { dropped, lost };
}

interface Facts {
  readonly arch: string;
  readonly capabilities: readonly string[] | undefined;
  readonly host: Host;
  readonly engine: EngineRow;
  readonly index: number;
}

/** Any one condition that holds excludes; of the capabilities, any one. */
function excludedBy(conditions: RuleConditions, facts: Facts): ResolveStep | undefined {
  const { arch, capabilities = [], host, engine, index } = facts;
  const { arches = [], caps = [], minKernel } = conditions;
  if (arches.includes(arch)) return resolveStep('excludes-arches', index, [arch]);
  const held = caps.filter((cap) => capabilities.includes(cap));
  if (held.length > 0) return resolveStep('excludes-caps', index, held);
  if (engine.readsMinKernel && minKernel !== undefined && isAtLeast(host.kernel, minKernel)) {
    return minKernel === ''
      ? resolveStep('excludes-min-kernel-empty', index)
      : resolveStep('excludes-min-kernel', index, [minKernel]);
  }
  return undefined;
}

/** All conditions must hold; of the capabilities, all. */
function notIncludedBy(conditions: RuleConditions, facts: Facts): ResolveStep | undefined {
  const { arch, capabilities, host, engine, index } = facts;
  const { arches = [], caps = [], minKernel } = conditions;
  if (arches.length > 0 && !arches.includes(arch)) return resolveStep('includes-arches', index, arches);
  const missing = capabilities === undefined ? [] : caps.filter((cap) => !capabilities.includes(cap));
  if (missing.length > 0) return resolveStep('includes-caps', index, missing);
  if (engine.readsMinKernel && minKernel !== undefined && !isAtLeast(host.kernel, minKernel)) {
    return resolveStep('includes-min-kernel', index, [minKernel]);
  }
  return undefined;
}

function isAtLeast(host: KernelVersion, minKernel: string): boolean {
  const wanted = parseMinKernel(minKernel);
  if (wanted === undefined) return false;
  return host.kernel > wanted.kernel || (host.kernel === wanted.kernel && host.major >= wanted.major);
}

/** The conditions as short texts, for messages; empty without conditions. */
export function conditionTexts(conditions: RuleConditions | undefined): readonly string[] {
  const { caps = [], arches = [], minKernel } = conditions ?? {};
  return [...caps, ...arches, ...(minKernel === undefined ? [] : [`kernel ${minKernel}`])];
}
