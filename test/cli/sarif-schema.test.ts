/**
 * SARIF of every kind of finding, held against the standard's own schema, which `npm run fetch` takes from an npm package.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import type { Log } from 'sarif';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allRules } from '../../src/lint/engine/registry.ts';
import { serializeProfile } from '../../src/oci/serialize.ts';
import { builtinProfile } from '../../src/pipeline/builtin-profile.ts';
import { ociSeccomp, root } from './run.ts';

const schemaFile = join(root, '.cache/sarif/1.0.0-beta.0/lib/schemas/sarif-2.1.0-rtm.5.json');
const hasSchema = existsSync(schemaFile) || process.env.OCI_SECCOMP_REQUIRE_ALL === '1';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-sarif-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let log: Log;
beforeAll(async () => {
  writeFileSync(join(folder, 'copy.json'), serializeProfile(await builtinProfile('podman-default@5.8.2')));
  writeFileSync(
    join(folder, 'a b.json'),
    '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["openn"], "action": "SCMP_ACT_ERRNO", "comment": "oci-seccomp-disable default-allow -- ours"}]}',
  );
  // Fixtures have findings with calls, places and fixes; one file is missing, and one is no profile at all.
  const { stdout } = ociSeccomp([
    ...[
      'lint',
      '--no-config',
      'fixtures/profiles',
      'fixtures/cli',
      folder,
      join(folder, 'none.json'),
      '--format',
      'sarif',
    ],
  ]);
  log = JSON.parse(stdout) as Log;
});

describe.skipIf(!hasSchema)(`SARIF${hasSchema ? '' : ' (needs npm run fetch)'}`, () => {
  it('is valid for the schema of SARIF 2.1.0', () => {
    // Draft 4; what it uses of that is the same in draft 7.
    const {
      $schema: _,
      id: __,
      ...schema
    } = JSON.parse(readFileSync(schemaFile, 'utf8')) as Record<string, unknown>;
    const validate = new Ajv({
      strict: false,
      validateFormats: false,
      unicodeRegExp: false,
      allErrors: true,
    }).compile(schema);
    validate(log);
    expect(validate.errors ?? []).toEqual([]);
    // The check is one: a wrong level is seen.
    const [run] = log.runs;
    const wrong = { ...log, runs: [{ ...run, results: [{ ...run?.results?.[0], level: 'fatal' }] }] };
    expect(validate(wrong)).toBe(false);
  });
});

describe('the parts of SARIF', () => {
  it('are all there', () => {
    const [run] = log.runs;
    const results = run?.results ?? [];
    expect(results.length).toBeGreaterThan(100);
    for (const part of ['relatedLocations', 'fixes', 'suppressions'] as const) {
      expect(
        results.some((result) => result[part] !== undefined),
        part,
      ).toBe(true);
    }
    const kinds = new Set(results.flatMap(({ suppressions = [] }) => suppressions.map(({ kind }) => kind)));
    expect([...kinds].sort()).toEqual(['external', 'inSource']);
    expect(run?.invocations?.[0]?.toolExecutionNotifications).not.toEqual([]);
  });

  it('address pages that the package has, at its own version', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    const base = `https://cdn.jsdelivr.net/npm/oci-seccomp@${version}/`;
    const driver = log.runs[0]?.tool.driver;
    const addresses = [driver?.informationUri, ...(driver?.rules ?? []).map(({ helpUri }) => helpUri)];
    expect(addresses).toHaveLength(allRules.length + 1);
    for (const address of addresses) {
      expect(address?.startsWith(base), address).toBe(true);
      expect(existsSync(join(root, address?.slice(base.length) ?? 'none')), address).toBe(true);
    }
  });

  it('name each rule otherwise than its id, in one word, as section 3.49.7 wants it', () => {
    const names = (log.runs[0]?.tool.driver.rules ?? []).map(({ name }) => name);
    expect(names).toHaveLength(allRules.length);
    expect(names.filter((name) => !/^([A-Z][a-z0-9]*)+$/.test(name ?? ''))).toEqual([]);
    expect(names).toContain('DefaultAllow');
  });

  it('name existing files below a root that is one', () => {
    const [run] = log.runs;
    const base = run?.originalUriBaseIds?.SRCROOT?.uri ?? '';
    expect(base.endsWith('/')).toBe(true);
    expect(existsSync(fileURLToPath(base))).toBe(true);
    for (const { locations = [] } of run?.results ?? []) {
      const { uri = '', uriBaseId } = locations[0]?.physicalLocation?.artifactLocation ?? {};
      expect(existsSync(fileURLToPath(uriBaseId === undefined ? uri : new URL(uri, base))), uri).toBe(true);
    }
  });
});
