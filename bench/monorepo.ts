/**
 * Profiles as a large repository has them: every service keeps a copy of some engine's default, many as it was, others
 * with a change of its own. The same files each time, from the project's own profiles.
 * @module
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtinProfiles } from '../src/oci/builtin/index.ts';
import { serializeProfile } from '../src/oci/serialize.ts';
import { xorshift32 } from '../test/support/xorshift.ts';

/** How many of ten files are exact copies. */
const COPIES_OF_TEN = 4;
/** How many of ten files start from a small profile of fixtures/ instead of an engine's default. */
const SMALL_OF_TEN = 2;

interface Base {
  readonly text: string;
  readonly size: 'default' | 'small';
}

/** A profile as JSON has it. */
interface Json {
  defaultErrnoRet?: number;
  readonly syscalls?: { names?: string[]; args?: unknown; action?: string }[];
}

/** Numbers from a seed, by xorshift: the same on all machines. */
function randomFrom(seed: number): (below: number) => number {
  const next = xorshift32(seed);
  return (below) => next() % below;
}

/** Writes `count` profiles below a folder, one to a service. @returns how many of them differ from all others */
export function writeMonorepo(folder: string, count: number): number {
  const random = randomFrom(2463534242);
  const bases = basesOf();
  const texts = new Set<string>();
  for (let i = 0; i < count; i += 1) {
    const size = random(10) < SMALL_OF_TEN ? 'small' : 'default';
    const candidates = bases.filter((base) => base.size === size);
    const { text } = candidates[random(candidates.length)] ?? { text: '{}' };
    const written = random(10) < COPIES_OF_TEN ? text : changed(text, random);
    texts.add(written);
    const service = join(folder, `team-${i % 40}`, `service-${i}`);
    mkdirSync(service, { recursive: true });
    writeFileSync(join(service, 'seccomp.json'), written);
  }
  return texts.size;
}

function basesOf(): readonly Base[] {
  const good = 'fixtures/profiles/good';
  const small = readdirSync(good)
    .filter((name) => /^(oci|docker|podman)-.*\.json$/.test(name))
    .map((name) => readFileSync(join(good, name), 'utf8').replace(/^\ufeff/, ''))
    .filter((text) => Array.isArray(JSON.parse(text).syscalls));
  return [
    ...Object.values(builtinProfiles).map(
      (make): Base => ({ text: serializeProfile(make()), size: 'default' }),
    ),
    ...small.map((text): Base => ({ text, size: 'small' })),
  ];
}

/** One to three changes that people make: a call more, a call less, a comparison, another error. */
function changed(text: string, random: (below: number) => number): string {
  const profile: Json = JSON.parse(text);
  for (let left = 1 + random(3); left > 0; left -= 1) changeOnce(profile, random);
  return `${JSON.stringify(profile, undefined, 2)}\n`;
}

const EXTRA = [
  'bpf',
  'perf_event_open',
  'unshare',
  'mount',
  'ptrace',
  'io_uring_setup',
  'keyctl',
  'userfaultfd',
];

function changeOnce(profile: Json, random: (below: number) => number): void {
  const rules = profile.syscalls ?? [];
  const rule = rules[random(rules.length)];
  const name = EXTRA[random(EXTRA.length)] ?? 'bpf';
  switch (random(5)) {
    case 0:
      rules.push({ names: [name], action: 'SCMP_ACT_ALLOW' });
      return;
    case 1:
      rule?.names?.splice(random(rule.names.length), 1);
      return;
    case 2:
      rule?.names?.push(name);
      return;
    case 3: {
      const args = [{ index: random(3), value: 1 + random(4096), op: 'SCMP_CMP_EQ' }];
      rules.push({ names: [name], action: 'SCMP_ACT_ALLOW', args });
      return;
    }
    default:
      profile.defaultErrnoRet = 1 + random(130);
  }
}
