/**
 * The report of `resolve` as JSON.
 * @module
 */
import { formatRuntime } from '../../policy/runtimes.ts';
import { printJson } from './print-json.ts';
import { keptRules, type Resolved } from './render-resolution.ts';

export function resolutionJson({ input, host, resolution, lowering }: Resolved): string {
  const { rules, dialect } = input.profile;
  const about = (rule: number | undefined) => ({
    rule: rule ?? null,
    place: (rule === undefined ? undefined : rules[rule]?.place) ?? null,
  });
  return printJson({
    profile: input.name,
    dialect,
    engine: resolution.engine ?? null,
    host: { ...host, capabilities: host.capabilities ?? null },
    seccomp: resolution.seccomp !== undefined,
    rules: rules.length,
    kept: keptRules(resolution),
    steps: resolution.steps.map(({ rule, ...step }) => ({ ...step, ...about(rule) })),
    runtime: lowering === undefined ? null : runtimeJson(lowering),
  });

  function runtimeJson({ runtime, lowered }: NonNullable<Resolved['lowering']>) {
    return {
      name: formatRuntime(runtime),
      rules: lowered?.policy.rules.length ?? null,
      steps: (lowered?.steps ?? []).map(({ kind, rule, syscall, message }) => ({
        kind,
        syscall: syscall ?? null,
        message,
        ...about(rule === undefined ? undefined : resolution.origins[rule]),
      })),
    };
  }
}
