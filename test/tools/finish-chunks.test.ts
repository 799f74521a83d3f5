/**
 * What the build makes of the bundler's text: each rewriting, and each form of the text that stops the build because a rewriting
 * would pass it over.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { afterAll, describe, expect, it } from 'vitest';
// @ts-expect-error: plain JavaScript, which the build runs before there are types
import { finishChunks } from '../../tools/finish-chunks.mjs';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** Finishes files, of which `chunk` ones are chunks of the program. */
function finish(files: Readonly<Record<string, string>>): { readonly id: string; readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-finish-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return { id: finishChunks(folder, new Set(['chunk.cjs', 'other-chunk.cjs'])), folder };
}

function finished(text: string, name = 'chunk.cjs'): string {
  const { id, folder } = finish({ [name]: text });
  return readFileSync(join(folder, name), 'utf8').replace(`//${id}`, '');
}

/** What a finished chunk exports, called as the loader calls it. */
function exportsOf(text: string, require: (id: string) => unknown = () => undefined) {
  const exports: Record<string, unknown> = {};
  const importModule = (specifier: string) => `imported ${specifier}`;
  new Script(finished(text)).runInThisContext()(exports, require, { exports }, '', '', importModule);
  return exports;
}

const getter = (name: string, local = name): string =>
  `Object.defineProperty(exports, "${name}", {\n\tenumerable: true,\n\tget: function() {\n\t\treturn ${local};\n\t}\n});\n`;
const isGetter = (object: object, name: string): boolean =>
  Object.getOwnPropertyDescriptor(object, name)?.get !== undefined;

describe('an export', () => {
  it.each([
    ['const word = 1;', false],
    ['class word {}', false],
    ['function word() {}', false],
    ['async function* word() {}', false],
    ['var word = class {};', false],
    ['var word = 1; function change() { word = 2; }', true],
    ['var word = 1; function change() { word ??= 2; }', true],
    ['var word = 1; function change() { word <<= 2; }', true],
    ['var word = 1; function change() { word >>>= 2; }', true],
    ['var word = 1; function change() { word++; }', true],
    ['var word = 1; function change() { --word; }', true],
    ['var word = 1; function ask() { return word === 2 || word <= 2; }', false],
    ['let word = 1; function change() { [word] = [2]; }', true],
  ])('of %s keeps its getter: %s', (declared, kept) => {
    const exports = exportsOf(`${declared}\n${getter('word')}`);
    expect(isGetter(exports, 'word')).toBe(kept);
    expect(exports.word).toBeDefined();
  });

  it('that changes is read anew each time, in a namespace too', () => {
    const exports = exportsOf(
      `const require_rolldown_runtime = require("./rolldown-runtime.cjs");\nvar all = /* @__PURE__ */ require_rolldown_runtime.__exportAll({\n\tname: () => name,\n\tcount: () => count\n});\nconst name = "all";\nlet count = 0;\nfunction add() { count += 1; }\n${getter('add')}${getter('all')}${getter('count')}`,
      (id) => expect.unreachable(id),
    );
    (exports.add as () => void)();
    expect(exports).toMatchObject({ count: 1, all: { name: 'all', count: 1 } });
    expect(isGetter(exports.all as object, 'name')).toBe(false);
  });
});

describe('a chunk', () => {
  it('has ASCII only, short names of variables, no white space, and names of functions', () => {
    expect(finished('function spellOut(longName) {\n\treturn longName + "ü";\n}\nspellOut("é");\n')).toBe(
      '(function(e,t,n,r,i,a){function spellOut(e){return e+`\\u00fc`}spellOut(`\\u00e9`)})',
    );
  });

  it('begins objects as a copy of nothing, where V8 would make a description of them', () => {
    const nine = '{a:1,b:2,c:3,d:4,e:5,f:6,g:7,h:8,i:9}';
    const kept = `use({[use]:1},{...use,a:1},{},{__proto__:null,a:1},{"__proto__":null},${nine});const{e:o,f:{g:s}}=use`;
    expect(finished(`use({ a: { b: 1, c: use }, d() {} });\n${kept}`)).toBe(
      `(function(e,t,n,r,i,a){use({...null,a:{...null,b:1,c:use},d(){}});${kept}})`,
    );
  });

  it('loads another one that runs seldom need when it uses that, once', () => {
    const loaded: string[] = [];
    const { use } = exportsOf(
      `const require_base = require("./base.cjs");\nconst require_seldom = require("./seldom.cjs");\nfunction use() { return require_seldom.a + require_seldom.b; }\n${getter('use')}`,
      (id) => {
        loaded.push(id);
        return { a: 1, b: 2 };
      },
    );
    expect(loaded).toEqual(['./base.cjs']);
    expect((use as () => number)()).toBe(3);
    expect(loaded).toEqual(['./base.cjs', './seldom.cjs']);
  });

  it('imports with what the loader hands to it, and main.cjs with Node’s own', () => {
    const text = `const found = import("yaml");\nconst other = { import: 1 };\n${getter('found')}`;
    expect(exportsOf(text).found).toBe('imported yaml');
    expect(finished('import("yaml");', 'main.cjs')).toBe('import("yaml");');
  });

  it('ends with the hash of all files, other programs’ files do not', () => {
    const files = { 'chunk.cjs': 'one();', 'other-chunk.cjs': 'two();', 'child.cjs': 'three();\n' };
    const { id, folder } = finish(files);
    const endOf = (name: string): string => readFileSync(join(folder, name), 'utf8').slice(-18);
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect([endOf('chunk.cjs'), endOf('other-chunk.cjs')]).toEqual([`//${id}`, `//${id}`]);
    expect(readFileSync(join(folder, 'child.cjs'), 'utf8')).toBe('three();\n');
    expect(finish(files).id).toBe(id);
    expect(finish({ ...files, 'child.cjs': 'four();\n' }).id).not.toBe(id);
  });
});

describe('the build stops', () => {
  it.each([
    ['at a raw text that escapes would change', 'const a = String.raw`ü`;', /String.raw takes no escapes/],
    [
      'if exports are written in another way',
      'const a = 1;\nObject.defineProperty(exports, "a", { enumerable: true, get: () => a });\n',
      /exports in another way/,
    ],
    [
      'if namespaces are written in another way',
      'var all = /* @__PURE__ */ require_rolldown_runtime.__exportAll({\n\t"a-b": () => a\n});\n',
      /writes it in another way/,
    ],
    [
      'if a chunk that is loaded on use is used as a whole',
      'const require_seldom = require("./seldom.cjs");\nuse(require_seldom);\n',
      /uses require_seldom in another way/,
    ],
    ['if the text is not JavaScript', 'const = 1;', /chunk.cjs: /],
  ])('%s', (_, text, message) => {
    expect(() => finished(text)).toThrow(message);
  });
});
