/**
 * What lint says of a call without a diagram of all calls is what the diagram says, which other tests hold to libseccomp and to the
 * kernel.
 */
import { expect, it } from 'vitest';
import { type ArchName, architectures } from '../../../src/abi/architectures.ts';
import { capabilitySets } from '../../../src/abi/capabilities.ts';
import { FIELD_ARCH, FIELD_NR } from '../../../src/decision/diagram-variables.ts';
import { restrict } from '../../../src/decision/witness.ts';
import type { HostView } from '../../../src/lint/ask/host-view.ts';
import { builtinProfiles } from '../../../src/oci/builtin/index.ts';
import type { Profile } from '../../../src/oci/profile.ts';
import { randomProfile } from '../../compose/random-profiles.ts';
import { createRandom } from '../../decision/random.ts';
import { viewsOf } from '../views.ts';

const random = createRandom(12);
const onlyX32: Profile = {
  dialect: 'oci',
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: ['SCMP_ARCH_X32'],
  rules: [{ names: ['read'], action: 'SCMP_ACT_ALLOW' }],
};
const profiles: readonly Profile[] = [
  builtinProfiles['docker-default'](),
  onlyX32,
  ...Array.from({ length: 12 }, () => randomProfile(random)),
];
const kernel = { kernel: 6, major: 18 };
const hosts = (['x86_64', 'aarch64', 's390x'] as const).map((arch) => ({
  arch,
  kernel,
  capabilities: capabilitySets.docker,
}));

/** Numbers that rules name, their neighbours, and what is above all of them: with bit 30, with bit 31, and -1. */
function numbersOf({ expanded }: HostView): readonly number[] {
  const named = expanded.flatMap(({ rules }) => rules.map(({ nr }) => nr));
  const near = named.flatMap((nr) => [nr - 1, nr, nr + 1]).filter((nr) => nr >= 0);
  const marked = near.flatMap((nr) => [nr, (nr ^ 0x4000_0000) >>> 0, (nr ^ 0x8000_0000) >>> 0]);
  return [...new Set([0, ...marked, 0xffff_fffe, 0xffff_ffff])];
}

it('is that of the joined diagram, for each number', async () => {
  const asked: readonly ArchName[] = ['x86_64', 'x86', 'x32', 'aarch64', 'arm', 's390x', 's390', 'riscv64'];
  const options = { hosts, runtimes: ['runc', 'crun', 'runsc'] };
  const views = (await Promise.all(profiles.map((profile) => viewsOf(profile, options)))).flat();
  expect(views.length).toBeGreaterThan(profiles.length);
  for (const view of views) {
    const numbers = numbersOf(view);
    for (const arch of asked) {
      const nodeOf = view.meaningOn(arch);
      const { auditArch } = architectures[arch];
      const ofArch = restrict(view.space, view.meaning(), FIELD_ARCH, auditArch);
      const wrong = numbers.filter((nr) => nodeOf(nr) !== restrict(view.space, ofArch, FIELD_NR, nr));
      expect(wrong, `${view.name}, ${arch}`).toEqual([]);
    }
  }
});
