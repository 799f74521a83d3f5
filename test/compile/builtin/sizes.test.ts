/**
 * How many instructions the builtin compiler takes, written down: no program gets longer, or shorter, unseen.
 *
 * fixtures/golden/builtin-sizes.txt holds the table. After a change of the compiler write it again, and read the diff:
 *
 *     OCI_SECCOMP_REQUIRE_ALL=1 npx vitest run test/compile/builtin/sizes.test.ts -u
 *
 * What libseccomp takes stands beside it for comparison, and is no verdict. Without OCI_SECCOMP_REQUIRE_ALL it is not
 * counted again, and stays what stands there.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type ArchName, allArchitectures, architectures } from '../../../src/abi/architectures.ts';
import { capabilitySets } from '../../../src/abi/capabilities.ts';
import { callShares } from '../../../src/compile/builtin/call-shares.generated.ts';
import { NO_WEIGHTS, weighCalls } from '../../../src/compile/builtin/call-weights.ts';
import { synthesizeProgram } from '../../../src/compile/builtin/synthesize.ts';
import { compilePolicy } from '../../../src/compile/compile-policy.ts';
import { decidePolicy } from '../../../src/decision/decide-policy.ts';
import { createSpace } from '../../../src/decision/space.ts';
import { OciSeccompError } from '../../../src/errors.ts';
import { openLibrary } from '../../../src/libseccomp/library.ts';
import { librarySyscallTable } from '../../../src/libseccomp/syscall.ts';
import { builtinProfiles } from '../../../src/oci/builtin/index.ts';
import type { Profile } from '../../../src/oci/profile.ts';
import { readProfile } from '../../../src/oci/read-profile.ts';
import { resolveProfile } from '../../../src/oci/resolve-profile.ts';
import { expandPolicy } from '../../../src/policy/expand-policy.ts';
import { lowerProfile } from '../../../src/policy/lower-profile.ts';
import { newestTable } from '../../../src/policy/newest-table.ts';
import type { Policy, SyscallTable } from '../../../src/policy/policy.ts';
import { libraryByVersion } from '../../oracle/libraries.ts';
import { isThorough } from '../../support/samples.ts';

const fixtures = `${import.meta.dirname}/../../../fixtures`;
const table = `${fixtures}/golden/builtin-sizes.txt`;
const good = `${fixtures}/profiles/good`;

const ofEndian = (endian: string): readonly ArchName[] =>
  allArchitectures.filter((row) => row.endian === endian).map(({ name }) => name);
/** The first is the machine's own. */
const architectureSets: Readonly<Record<string, readonly ArchName[]>> = {
  x86_64: ['x86_64'],
  'x86_64 with x86, x32': ['x86_64', 'x86', 'x32'],
  'aarch64 with arm': ['aarch64', 'arm'],
  's390x with s390': ['s390x', 's390'],
  'nine little-endian ones': [
    ...(['x86_64', 'x86', 'x32', 'arm', 'aarch64', 'mipsel', 'mipsel64', 'ppc64le', 'riscv64'] as const),
  ],
  'all little-endian ones': ofEndian('little'),
  'all big-endian ones': ofEndian('big'),
};

const profiles: readonly (readonly [string, () => Profile | undefined])[] = [
  ...Object.entries(builtinProfiles),
  ...readdirSync(good).map((name): [string, () => Profile | undefined] => {
    const { profile } = readProfile(readFileSync(`${good}/${name}`, 'utf8'), { name });
    return [name, () => profile];
  }),
];

interface Row {
  readonly key: string;
  readonly policy: (syscalls: SyscallTable) => Policy | undefined;
}

/** A runtime takes all architectures of a set, whatever the profile lists. */
const rows: readonly Row[] = profiles.flatMap(([name, make]) =>
  Object.entries(architectureSets).flatMap(([set, archs]) =>
    ['runc', 'crun'].map(
      (runtime): Row => ({
        key: [name, set, runtime].join(' | '),
        policy: (syscalls) => lower(make(), archs, runtime, syscalls),
      }),
    ),
  ),
);

function lower(
  profile: Profile | undefined,
  archs: readonly ArchName[],
  runtime: string,
  syscalls: SyscallTable,
): Policy | undefined {
  const [arch = 'x86_64'] = archs;
  if (profile === undefined) return undefined;
  try {
    const host = { arch, kernel: { kernel: 6, major: 1 }, capabilities: capabilitySets.docker };
    const { seccomp } = resolveProfile(profile, host);
    if (seccomp === undefined) return undefined;
    const listed = { ...seccomp, architectures: archs.map((each) => architectures[each].ociArch) };
    return lowerProfile(listed, { runtime, arch, kernel: host.kernel, table: syscalls }).policy;
  } catch (error) {
    // The runtime knows fewer architectures, or refuses the profile.
    if (error instanceof OciSeccompError) return undefined;
    throw error;
  }
}

const callCounts = new Map(Object.entries(callShares));

/** Without weights, and with those that are the default. */
function countBuiltin(policy: Policy): readonly number[] {
  const space = createSpace();
  const meant = decidePolicy(space, policy, expandPolicy(policy, newestTable));
  const { endian } = architectures[policy.architectures[0]];
  return [NO_WEIGHTS, weighCalls(policy.architectures, callCounts)].map(
    (weights) => synthesizeProgram(space, meant, endian, { weights }).length,
  );
}

const library = isThorough ? libraryByVersion('2.5.4') : undefined;
const ofLibrary = library === undefined ? undefined : librarySyscallTable(openLibrary(library.path));

async function countLibseccomp({ policy }: Row): Promise<string | undefined> {
  if (library === undefined || ofLibrary === undefined) return undefined;
  const lowered = policy(ofLibrary);
  if (lowered === undefined) return '-';
  try {
    const options = { library: library.path, table: ofLibrary, allowUnproven: true };
    return `${(await compilePolicy(lowered, options)).program.length}`;
  } catch (error) {
    if (!(error instanceof OciSeccompError)) throw error;
    const { instructions } = (error.details ?? {}) as { readonly instructions?: number };
    return instructions === undefined ? '-' : `${instructions}`;
  }
}

const written = existsSync(table) ? readFileSync(table, 'utf8').split('\n') : [];

it('programs of profiles are as long as they were', async () => {
  const lines: string[] = [];
  for (const row of rows) {
    const policy = row.policy(newestTable);
    if (policy === undefined) continue;
    const old = written
      .find((line) => line.startsWith(`${row.key} | `))
      ?.split(' | ')
      .at(-1);
    const theirs = (await countLibseccomp(row)) ?? old ?? '-';
    lines.push([row.key, ...countBuiltin(policy), theirs].join(' | '));
  }
  const heading = 'profile | architectures | runtime | no weights | default weights | libseccomp 2.5.4';
  await expect(`${[heading, ...lines].join('\n')}\n`).toMatchFileSnapshot(table);
});
