/**
 * The reference is complete: every name that an entry point of the package exports has a docstring, and so has every
 * member of its interfaces and classes. The compiler says what there is; `npm run docs` makes pages of it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Node, SyntaxKind } from 'typescript/unstable/ast';
import { API, type Checker, type Symbol as Name, SymbolFlags } from 'typescript/unstable/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from './cli/run.ts';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, { readonly types?: string }>>;
};
/** `./abi` to src/abi/index.ts. */
const entries = Object.entries(manifest.exports).flatMap(([path, { types }]) =>
  types === undefined ? [] : [[path, types.replace(/^\.\/dist\/(.*)\.d\.ts$/, 'src/$1.ts')] as const],
);

/** So many names at least, or the compiler was asked the wrong thing. */
const LEAST_NAMES = 300;
const LEAST_MEMBERS = 550;

let api: API;
let checker: Checker;
let exportsOf: (file: string) => readonly Name[];

beforeAll(() => {
  api = new API({ cwd: root });
  const [project] = api.updateSnapshot({ openProjects: [join(root, 'tsconfig.json')] }).getProjects();
  if (project === undefined) throw new Error('no project');
  checker = project.checker;
  exportsOf = (file) => {
    const source = project.program.getSourceFile(join(root, file));
    const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${file} is no module`);
    return checker
      .getExportsOfModule(module)
      .map((name) => (name.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(name) : name));
  };
});
afterAll(() => api.close());

/** Members of an interface or class that this package declares, inherited ones included. */
function membersOf(name: Name): readonly Name[] {
  if ((name.flags & (SymbolFlags.Interface | SymbolFlags.Class)) === 0) return [];
  return checker
    .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(name))
    .filter((member) => !member.name.startsWith('__#') && isOurs(member));
}

function isOurs({ declarations: [first] }: Name): boolean {
  return first !== undefined && !first.path.includes('/node_modules/');
}

/** What a docstring says before its tags; nothing if it is about the file, whose first name this is. */
function summaryOf(name: Name): string {
  if (checker.getJsDocTagsOfSymbol(name).some((tag) => JSON.stringify(tag).includes('"module"'))) return '';
  return checker.getDocumentationCommentOfSymbol(name).trim();
}

/** Whose members users have no business with: `createSpace` alone makes one. */
const opaque = new Set(['Space']);

/** The types that a declaration is made of, as it names them: bodies and private members are not part of it. */
function typesNamedIn(node: Node): readonly Name[] {
  if (node.kind === SyntaxKind.Block) return [];
  const { name, typeName, expression } = node as Partial<Record<'name' | 'typeName' | 'expression', Node>>;
  if (name?.kind === SyntaxKind.PrivateIdentifier) return [];
  const named =
    node.kind === SyntaxKind.TypeReference
      ? typeName
      : node.kind === SyntaxKind.ExpressionWithTypeArguments
        ? expression
        : undefined;
  const found: Name[] = [];
  const symbol = named === undefined ? undefined : checker.getSymbolAtLocation(named);
  if (symbol !== undefined) {
    found.push(symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
  }
  node.forEachChild((child) => {
    found.push(...typesNamedIn(child));
  });
  return found;
}

/** A symbol by where it is declared. */
function placeOf({ name, declarations: [first] }: Name): string {
  return `${first?.path} ${name}`;
}

/** All of a docstring. */
function docstringOf(name: Name): string {
  const tags = checker.getJsDocTagsOfSymbol(name).map((tag) => JSON.stringify(tag));
  return [summaryOf(name), ...tags].join('\n');
}

/** The text of a function or method, if it is declared as one. */
function sourceOf({ flags, declarations: [first] }: Name): string {
  if ((flags & (SymbolFlags.Function | SymbolFlags.Method)) === 0) return '';
  const node = first?.resolve();
  return node === undefined ? '' : node.getText();
}

describe('the reference', () => {
  it('knows the entry points', () => {
    expect(entries.length).toBe(12);
    const options = readFileSync(join(root, 'tools/api-docs/typedoc.json'), 'utf8');
    const { entryPoints } = JSON.parse(options) as { readonly entryPoints: readonly string[] };
    expect(entryPoints.map((path) => path.replace('../../', '')).sort()).toEqual(
      entries.map(([, file]) => file).sort(),
    );
  });

  it.each(entries)('of %s has every name and every member', (_, file) => {
    const missing = exportsOf(file).flatMap((name) => [
      ...(summaryOf(name) === '' ? [name.name] : []),
      ...membersOf(name).flatMap((each) => (summaryOf(each) === '' ? [`${name.name}.${each.name}`] : [])),
    ]);
    expect(missing).toEqual([]);
  });

  it.each(entries)('of %s names the errors that its functions throw', (_, file) => {
    const missing = exportsOf(file)
      .flatMap((each) => [each, ...membersOf(each)])
      .flatMap((name) => {
        const thrown = sourceOf(name).matchAll(/throw new OciSeccompError\(\s*'(ERR_\w+)'/g);
        const codes = new Set([...thrown].map(([, code = '']) => code));
        return [...codes]
          .filter((code) => !docstringOf(name).includes(code))
          .map((code) => `${name.name}: ${code}`);
      });
    expect(missing).toEqual([]);
  });

  it.each(entries)('of %s says of every function with parameters that it refuses wrong ones', (_, file) => {
    // test/wrong-arguments.test.ts and test/libseccomp/abuse.test.ts hand each of them wrong ones.
    const docs = new Map(exportsOf(file).map((name) => [name.name, docstringOf(name)]));
    const says = (docstring: string): boolean => {
      const others = [...docstring.matchAll(/[Aa]s \{@link (\w+)\}/g)].map(
        ([, name = '']) => docs.get(name) ?? '',
      );
      return [docstring, ...others].some((each) => each.includes('ERR_USAGE'));
    };
    const wrong = exportsOf(file).filter((name) => {
      const [, parameters = ''] =
        /^[^(]*\(\s*([^\s)]?)/.exec(sourceOf(name).slice(sourceOf(name).indexOf('function'))) ?? [];
      return parameters !== '' && !says(docstringOf(name));
    });
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  it('has every type that a declaration of it names: each can be imported', () => {
    const names = entries.flatMap(([, file]) => exportsOf(file));
    const exported = new Set(names.map(placeOf));
    const missing = new Set<string>();
    for (const name of names) {
      if (opaque.has(name.name)) continue;
      for (const declaration of name.declarations) {
        const node = declaration.resolve();
        for (const type of node === undefined ? [] : typesNamedIn(node)) {
          if (type.flags & SymbolFlags.TypeParameter || !isOurs(type)) continue;
          if (!exported.has(placeOf(type))) missing.add(`${name.name}: ${type.name}`);
        }
      }
    }
    expect([...missing]).toEqual([]);
  });

  it('is of a whole package', () => {
    const names = new Set(entries.flatMap(([, file]) => exportsOf(file)));
    const members = new Set([...names].flatMap(membersOf));
    expect(names.size).toBeGreaterThan(LEAST_NAMES);
    expect(members.size).toBeGreaterThan(LEAST_MEMBERS);
    const functions = [...names].filter((name) => sourceOf(name) !== '');
    expect(functions.length).toBeGreaterThan(80);
  });
});
