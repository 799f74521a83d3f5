/**
 * Brings into schemas/*.schema.json what editors complete and show: the names of calls, capabilities and lint rules, each key's text
 * in Markdown with an example, and the address of each schema. The rest of the schemas is written by hand.
 *
 *   node tools/run.mjs tools/generate-editor-schemas.ts [FOLDER]
 *
 * Needed again after a change of the tables of calls, of the rules of lint, or of a description. Format the files afterwards
 * (`npm run format`).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { capabilities } from '../src/abi/capabilities.ts';
import { allSyscallNames } from '../src/abi/syscall-numbers.ts';
import { allRules } from '../src/lint/engine/registry.ts';

/** A content delivery network of npm packages, which serves every published version. */
const BASE = 'https://cdn.jsdelivr.net/npm/oci-seccomp@0/schemas';

type Json = Record<string, unknown>;

/** Names that may be others: what is not in the list is pointed out, and stays valid. */
function openList(of: {
  title: string;
  description: string;
  names: readonly string[];
  unknown: string;
}): Json {
  const { title, description, names, unknown } = of;
  return {
    title,
    description,
    type: 'string',
    // Editors show the message of the first where the second does not match; for validators the first always matches.
    anyOf: [{ deprecationMessage: unknown }, { enum: [...names] }],
    examples: names.filter((name) => name === 'read' || name === 'CAP_SYS_ADMIN'),
  };
}

const lists: Readonly<Record<string, Json>> = {
  syscallName: openList({
    title: 'System call',
    description: 'The name of a system call. Names that a machine does not have are skipped there.',
    names: allSyscallNames(),
    unknown:
      'No system call that oci-seccomp knows has this name. Engines and runtimes skip such a name without a word.',
  }),
  capabilityName: openList({
    title: 'Capability',
    description: 'The name of a capability, as in capabilities(7).',
    names: capabilities.map((name) => (name.startsWith('CAP_') ? name : `CAP_${name}`)),
    unknown: 'No capability that oci-seccomp knows has this name: no container has it.',
  }),
};

/** Lists of names by the key that holds them. */
const keysOfLists: Readonly<Record<string, string>> = {
  names: 'syscallName',
  caps: 'capabilityName',
  bounding: 'capabilityName',
};

const folder = process.argv[2] ?? `${process.cwd()}/schemas`;
for (const name of ['oci', 'oci-config', 'docker', 'podman', 'kubernetes', 'lint-config', 'config']) {
  const source = JSON.parse(readFileSync(`${process.cwd()}/schemas/${name}.schema.json`, 'utf8')) as Json;
  const schema = { ...source, $id: `${BASE}/${name}.schema.json` };
  const used = new Set<string>();
  if (name === 'lint-config') fillRules(schema);
  else visit(schema, used);
  if (used.size > 0) {
    const definitions = { ...(schema as { definitions?: Json }).definitions };
    for (const list of used) definitions[list] = lists[list];
    Object.assign(schema, { definitions });
  }
  describeKeys(schema);
  writeFileSync(`${folder}/${name}.schema.json`, `${JSON.stringify(schema, undefined, 2)}\n`);
}

/** Puts the lists where names are, and the address of the schema where documents name theirs. */
function visit(part: unknown, used: Set<string>): void {
  if (!isObject(part)) return;
  const { properties } = part;
  for (const [key, value] of Object.entries(isObject(properties) ? properties : {})) {
    const list = keysOfLists[key];
    if (list === undefined || !isObject(value) || !isObject(value.items)) continue;
    value.items = { $ref: `#/definitions/${list}` };
    used.add(list);
  }
  for (const [key, value] of Object.entries(part)) if (key !== 'examples') visit(value, used);
}

function fillRules(schema: Json): void {
  const { rules } = (schema as { definitions: Record<string, Json> }).definitions;
  if (rules === undefined) throw new Error('lint-config.schema.json has no definition of rules');
  // Rules of modules have a namespace, so another name is misspelt.
  const setting = isObject(rules.patternProperties)
    ? Object.values(rules.patternProperties)[0]
    : rules.additionalProperties;
  const levels = { $ref: '#/definitions/level' };
  rules.properties = Object.fromEntries(
    allRules.map(({ id, title, level }) => [
      id,
      {
        title,
        description: `${title}. Level: ${level}. oci-seccomp rules ${id} explains it.`,
        allOf: [levels],
      },
    ]),
  );
  rules.patternProperties = { '^[a-z0-9-]+/[a-z0-9-]+$': setting };
  rules.additionalProperties = false;
}

/** The text of each key with an example, for editors that read Markdown. */
function describeKeys(part: unknown): void {
  if (!isObject(part)) return;
  const { properties } = part;
  for (const [key, value] of Object.entries(isObject(properties) ? properties : {})) {
    if (!isObject(value) || typeof value.description !== 'string') continue;
    const { title, description, allOf, examples } = value;
    value.markdownDescription = markdownOf(key, description, examples);
    if (!Array.isArray(allOf)) continue;
    // Editors show the text of what an element of allOf refers to before the key's own, unless that is an element itself.
    const others = allOf.filter((each) => isObject(each) && !('markdownDescription' in each));
    value.allOf = [{ title, markdownDescription: value.markdownDescription }, ...others];
  }
  for (const [key, value] of Object.entries(part)) if (key !== 'examples') describeKeys(value);
}

function markdownOf(key: string, description: string, examples: unknown): string {
  const text = description.replace(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g, (word) => `\`${word}\``);
  const [example] = Array.isArray(examples) ? (examples as unknown[]) : [];
  if (example === undefined) return text;
  const written = JSON.stringify(example);
  return written.length > 100 ? text : `${text}\n\n\`"${key}": ${written}\``;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}
