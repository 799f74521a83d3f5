/**
 * From the tree of a text to a typed profile, and everything that is wrong with it.
 * @module
 */
import { runtimesThat } from '../consumers.ts';
import { checkSchema, type JsonDialect } from './check-schema.ts';
import { checkArgs } from './checks/check-args.ts';
import { checkBundleCapabilities, checkConditions } from './checks/check-conditions.ts';
import { type CheckContext, createSuggest, createSuggestCall, decoders } from './checks/check-context.ts';
import { checkErrnos } from './checks/check-errno.ts';
import { checkFlags } from './checks/check-flags.ts';
import { addsHosts } from './checks/check-hosts.ts';
import { checkObject, objectFacts } from './checks/check-kubernetes.ts';
import { checkProfile } from './checks/check-profile.ts';
import { checkRules } from './checks/check-rules.ts';
import { checkStart } from './checks/check-start.ts';
import { decodeProfile } from './decode-profile.ts';
import { detectDialect, notAnObject } from './dialect.ts';
import { foldKey } from './dialect-keys.ts';
import { type DialectName, dialectRow, isApiObject, isBundle, isForeign } from './dialect-rows.ts';
import type { Document, Node } from './document.ts';
import { type Located, memberFor, type ObjectView, objectsOf, type Text, viewObject } from './object-view.ts';
import { type FoundProblem, isRefusal, isUnreadable, type Problem, tooMany, toProblems } from './problems.ts';
import type { Dialect, Profile } from './profile.ts';
import { escapePointer } from './read-json.ts';

/** How a profile is read. */
export interface ReadProfileOptions {
  /** What to call the text in messages; `<input>` when not given. */
  readonly name?: string | undefined;
  /** How to read the text; told from its content when not given. */
  readonly dialect?: DialectName | undefined;
}

/** A profile, and every problem of its text. */
export interface ReadProfileResult {
  /**
   * What the text says, as engines and runc read it. Absent only if no reader could read it; ask
   * {@link blocks} of each problem whether the ones it is meant for can use it.
   */
  readonly profile: Profile | undefined;
  /** `undefined` if it could not be told. */
  readonly dialect: Dialect | undefined;
  /** In document order. */
  readonly problems: readonly Problem[];
  /** The text as a tree with places; `undefined` if it could not be read. */
  readonly document: Document | undefined;
}

/**
 * Reads a profile from the tree of a text.
 *
 * @param findings - what reading the text found
 * @param wanted - how to read the tree; told from its content if `undefined`
 */
export function readRoot(
  document: Document | undefined,
  findings: readonly FoundProblem[],
  file: string,
  wanted: Dialect | undefined,
): ReadProfileResult {
  const failed = (dialect: Dialect | undefined, all: readonly FoundProblem[]): ReadProfileResult => ({
    profile: undefined,
    dialect,
    problems: toProblems(all, file),
    document,
  });
  if (document === undefined) return failed(wanted, findings);
  const dialect = dialectFor(document, wanted);
  if (typeof dialect !== 'string') return failed(wanted, [...findings, dialect]);
  // A text in such a language goes to a reader of its own, so this one is JSON.
  if (isForeign(dialect)) return failed(dialect, [...findings, notAnObject(document.root)]);
  return readDialect(document, dialect, findings);
}

function dialectFor({ root }: Document, wanted: Dialect | undefined): Dialect | FoundProblem {
  if (wanted === undefined) return detectDialect(root);
  return root.kind === 'object' ? wanted : notAnObject(root);
}

/** As {@link readRoot}, for a dialect that is known. */
export function readDialect(
  document: Document,
  dialect: JsonDialect,
  syntax: readonly FoundProblem[],
): ReadProfileResult {
  const { name: file, root } = document;
  const parts = partsOf(root, dialect);
  const problems = toProblems(findingsOf(root, dialect, syntax, parts), file);
  if (problems.some(isUnreadable)) return { profile: undefined, dialect, problems, document };
  const { view, bundle } = parts;
  const profile = decodeProfile(view, {
    dialect,
    file,
    capabilities: bundle?.bounding?.map(({ value }) => value),
    ...(bundle === undefined ? {} : { noNewPrivileges: bundle.noNewPrivileges }),
  });
  const facts = isApiObject(dialect) ? { kubernetes: objectFacts(root) } : {};
  const refusals = problems.filter(isRefusal);
  const refused = refusals.length === 0 ? {} : { refusals };
  return { profile: { ...profile, ...facts, ...refused }, dialect, problems, document };
}

/** The parts of a document that say something about a profile. */
interface Parts {
  /** Where the profile sits; `undefined`: the document has none. */
  readonly node: Located | undefined;
  /** The profile's own object; `undefined` if something else sits there. */
  readonly view: ObjectView | undefined;
  readonly bundle: Bundle | undefined;
}

function partsOf(root: Node, dialect: JsonDialect): Parts {
  const node = follow(root, dialectRow(dialect).at);
  const isObject = node?.node.kind === 'object';
  const view = isObject ? viewObject('profile', node.node, node.pointer, dialect) : undefined;
  return { node, view, bundle: isBundle(dialect) ? bundleOf(root) : undefined };
}

/** Everything that is wrong with a document: its syntax, its form, then its meaning. */
function findingsOf(
  root: Node,
  dialect: JsonDialect,
  syntax: readonly FoundProblem[],
  { node, view, bundle }: Parts,
): readonly FoundProblem[] {
  const suggest = createSuggest();
  const onHosts = view === undefined ? (finding: FoundProblem) => finding : addsHosts(view, dialect);
  const form = checkSchema(root, dialect, suggest).map((finding) => onHosts(forDialect(finding, dialect)));
  const findings = [...relevant(syntax, dialect), ...form];
  // The profile is refused already: further checks would only take time.
  if (findings.some(({ code }) => code === 'more-problems')) return findings;
  let left = MAX_FINDINGS;
  const report = (finding: FoundProblem) => {
    if (left-- > 0) findings.push(onHosts(finding));
    else if (left === -1) findings.push(tooMany(finding));
  };
  if (isApiObject(dialect)) checkObject(root, node, report);
  if (view !== undefined) {
    const rules = objectsOf(view, 'syscalls', dialect);
    const suggestCall = createSuggestCall();
    checkMeaning({ dialect, profile: view, rules, suggest, suggestCall, report }, bundle);
  } else if (node === undefined && bundle !== undefined) {
    const message = 'the bundle has no "linux.seccomp"';
    report({ code: 'seccomp-off', at: root.start, pointer: '', message });
  }
  return findings;
}

/** Findings of meaning that are kept of one document; far more than are listed in the end. */
const MAX_FINDINGS = 5000;

function checkMeaning(context: CheckContext, bundle: Bundle | undefined): void {
  checkProfile(context);
  checkFlags(context);
  checkRules(context);
  checkErrnos(context);
  checkArgs(context);
  checkConditions(context);
  checkBundleCapabilities(bundle?.capabilities ?? [], context);
  // The rules that a base profile adds are not known here.
  if (!context.profile.fields.has('baseProfileName')) checkStart(context);
}

/** What a bundle says of its container. */
interface Bundle {
  readonly bounding: readonly Text[] | undefined;
  /** The names in all sets; a name can stand in several. */
  readonly capabilities: readonly Text[];
  readonly noNewPrivileges: boolean;
}

/** In the order in which problems are reported. */
const CAPABILITY_SETS = ['bounding', 'effective', 'permitted', 'inheritable', 'ambient'];

function bundleOf(root: Node): Bundle {
  const noNewPrivileges = follow(root, ['process', 'noNewPrivileges'])?.node;
  const sets = CAPABILITY_SETS.map((set) => textsAt(root, ['process', 'capabilities', set]));
  return {
    noNewPrivileges: noNewPrivileges?.kind === 'boolean' && noNewPrivileges.value,
    bounding: sets[0],
    capabilities: sets.flatMap((texts) => texts ?? []),
  };
}

function textsAt(root: Node, keys: readonly string[]): readonly Text[] | undefined {
  const list = follow(root, keys);
  if (list?.node.kind !== 'array') return undefined;
  return list.node.elements.flatMap((node, i) =>
    node.kind === 'string' ? [{ node, pointer: `${list.pointer}/${i}`, value: node.value }] : [],
  );
}

function follow(root: Node, keys: readonly string[]): Located | undefined {
  let node: Node = root;
  let pointer = '';
  for (const key of keys) {
    const member = node.kind === 'object' ? memberFor(node, key) : undefined;
    if (member === undefined) return undefined;
    node = member.value;
    pointer = `${pointer}/${escapePointer(member.key)}`;
  }
  return { node, pointer };
}

/** The syntax findings that matter in a dialect: in a bundle, only those about seccomp. kubectl takes a byte-order mark. */
function relevant(findings: readonly FoundProblem[], dialect: Dialect): FoundProblem[] {
  const concerns = ({ code, pointer }: FoundProblem) =>
    code === 'byte-order-mark'
      ? !isApiObject(dialect)
      : !isBundle(dialect) || code !== 'duplicate-key' || isSeccompPart(pointer);
  return findings.filter(concerns).map((finding) => forDialect(finding, dialect));
}

function isSeccompPart(pointer: string): boolean {
  const folded = foldKey(pointer);
  return /^\/(?:linux(?:\/seccomp(?:\/.*)?)?|process(?:\/capabilities(?:\/bounding)?)?)$/.test(folded);
}

/** A bundle goes to the runtime as it is, and crun's decoder differs from Go's. */
function forDialect(finding: FoundProblem, dialect: Dialect): FoundProblem {
  if (!isBundle(dialect)) return finding;
  switch (finding.code) {
    case 'comment':
      return { ...finding, rejectedBy: decoders(dialect) };
    case 'duplicate-key':
    case 'key-case':
      // If Go mixes the two values, the finding is an error for everyone already.
      return finding.severity === 'error'
        ? finding
        : {
            ...finding,
            severity: 'error',
            rejectedBy: runtimesThat((_, reading) => reading.refusesAmbiguousKeys),
          };
    default:
      return finding;
  }
}
