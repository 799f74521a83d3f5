import { datedInForm } from '../../../src/compose/dated/copy-form.ts';
import { datedProfile, findRelease } from '../../../src/compose/dated/releases.ts';
import type { Profile } from '../../../src/oci/profile.ts';
import { serializeProfile } from '../../../src/oci/serialize.ts';
import type { RuleCases } from '../cases.ts';

function dated(version: string): Profile {
  return datedProfile(findRelease('docker-default', version).run.profile);
}

function withMore(profile: Profile, ...names: readonly string[]): Profile {
  return { ...profile, rules: [...profile.rules, { names, action: 'SCMP_ACT_ALLOW' }] };
}

const newest = dated('29');
const some = newest.rules[0]?.names.slice(0, 120) ?? [];
/** What 28.0 has not named yet. */
const since = [...new Set(newest.rules.flatMap(({ names }) => names))].filter(
  (name) => !dated('28.0').rules.some(({ names }) => names.includes(name)),
);

export const cases: RuleCases = {
  flagged: [
    {
      name: 'a default of 2021 with two more calls',
      text: serializeProfile(withMore(dated('20.10.7'), 'my_call', 'clone3')),
      at: ['1:1'],
      messages: [
        /^this is a copy of docker-default of 20\.10\.4 to 20\.10\.9 \(2021-02\), with 2 changes; docker-default@29\.\d+\.\d+ names 33 calls that it does not: /,
      ],
      hints: [/^oci-seccomp rebase \S+ puts your changes/],
    },
    {
      name: 'a default without its conditions',
      text: serializeProfile(datedInForm(findRelease('docker-default', '19.03').run.profile, 'resolved')),
      at: ['1:1'],
      messages: [/copy of docker-default of 19\.03\.9 to 19\.03\.15 \(2020-05\); /],
    },
  ],
  clean: [
    { name: 'the newest default', text: serializeProfile(newest) },
    { name: 'the newest default with a change', text: serializeProfile(withMore(newest, 'my_call')) },
    {
      name: 'an older default to which all that came since was added by hand',
      text: serializeProfile(withMore(dated('28.0'), ...since)),
    },
    {
      name: 'a list of the author’s own',
      text: JSON.stringify({
        defaultAction: 'SCMP_ACT_ERRNO',
        syscalls: [{ names: some, action: 'SCMP_ACT_ALLOW' }],
      }),
    },
  ],
};
