/**
 * What gVisor drops of a profile or reads otherwise than Linux runtimes do.
 * @module
 */
import { readByRunsc } from '../../policy/read-by-runsc.ts';
import type { Level } from '../engine/finding.ts';
import { builtinRule } from '../engine/rule.ts';

export const gvisorReading = builtinRule({
  id: 'gvisor-reading',
  group: 'meaning',
  level: 'warn',
  title: 'gVisor drops something that the profile says, or reads it otherwise',
  seesGvisor: true,
  check: ({ profile, views, report }) => {
    const own = views.filter(({ runtime }) => runtime.traits.sentry !== undefined);
    if (own.length === 0) return;
    const hosts = [...new Set(own.map(({ host }) => host.arch))];
    for (const { severity, message, hint, pointer } of readByRunsc(profile, hosts)) {
      // If gVisor refuses the profile, there is no view of that host, and the refusal is a finding of its own.
      if (severity === 'error') continue;
      const level: { level?: Exclude<Level, 'off'> } = severity === 'note' ? { level: 'note' } : {};
      report({ pointer, message, ...(hint === undefined ? {} : { hint }), ...level });
    }
  },
});
