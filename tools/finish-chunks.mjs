// Rewrites what the bundler has written to dist/bin/, so that a start has less to read and to execute.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseAst } from 'rolldown/parseAst';
import { minifySync } from 'rolldown/utils';
import { lateChunks } from './program-chunks.mjs';

/** What a chunk of the program is wrapped in: cli/start/load-chunks.ts calls it. */
const HEAD = '(function (exports, require, module, __filename, __dirname, importModule) { ';
const TAIL = '\n})';

/**
 * Writes what is not ASCII in bundles as escapes: cli/start/load-chunks.ts reads them as Latin-1, and V8 keeps a text with
 * one other character in twice the memory. `import()` becomes the function that the loader hands over. Chunks of the program
 * become functions here, because the loader would need a copy of each text to make them functions. Each ends with the hash of
 * all: the loader takes none of another build.
 *
 * @returns the hash
 */
export function finishChunks(folder, ofProgram) {
  const hash = createHash('sha256');
  const chunks = [];
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith('.cjs')) continue;
    const file = `${folder}/${name}`;
    const text = readFileSync(file, 'utf8');
    if (/String\.raw`[^`]*[^\0-\x7f]/.test(text)) throw new Error(`${name}: String.raw takes no escapes`);
    const ascii = toAscii(text)
      // A script of node:vm has no `import()` of its own; the loader hands it one. main.cjs is Node's to load.
      .replace(/(?<![\w$.])import\(/g, name === 'main.cjs' ? 'import(' : 'importModule(');
    const isChunk = ofProgram.has(name);
    const written = isChunk ? chunkOfProgram(ascii, name) : withPlainExports(ascii, name);
    if (isChunk) chunks.push([file, written]);
    else if (written !== text) writeFileSync(file, written);
    hash.update(name).update(written);
  }
  const build = hash.digest('hex').slice(0, 16);
  for (const [file, written] of chunks) writeFileSync(file, `${written}//${build}`);
  return build;
}

/** A chunk of which another one uses nothing: its statements define things, and do no more. */
const requiredAlone = /^require\("\.\/[\w.-]+\.cjs"\);\n/gm;

function chunkOfProgram(text, name) {
  const needed = text.replace(requiredAlone, '');
  const plain = withPlainExports(withLateChunks(withPlainNamespaces(needed), name), name);
  return withoutRoom(`${HEAD}${plain}${TAIL}`, name);
}

function toAscii(text) {
  return text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * A chunk with short names of variables, and without white space: a start reads a third less. Functions keep their names, which
 * reports of a defect show.
 */
function withoutRoom(text, name) {
  const { code, errors } = minifySync(name, text, {
    // What is not called would go, and a chunk is a function that the loader calls.
    compress: false,
    mangle: { keepNames: true },
    codegen: { removeWhitespace: true },
  });
  if (errors.length > 0) throw new Error(`${name}: ${errors[0].message}`);
  return toAscii(withCopiedObjects(code).replace(/;\s*$/, ''));
}

/** Objects with more keys take more memory when keys are added one by one, which long runs feel. */
const MOST_KEYS = 8;

/**
 * Has objects begin as a copy of nothing: `{...null,key:value}`. V8 makes a description of an object that is written out each
 * time, until it has notes on the function around it, and short runs end before. That takes 6 to 8 times as long.
 */
function withCopiedObjects(code) {
  const starts = [];
  const visit = (node) => {
    if (node?.type === 'ObjectExpression' && isWrittenOut(node)) starts.push(node.start + 1);
    if (typeof node === 'object' && node !== null) Object.values(node).forEach(visit);
  };
  visit(parseAst(code));
  let written = '';
  let at = 0;
  for (const start of starts.sort((a, b) => a - b)) {
    written += `${code.slice(at, start)}...null,`;
    at = start;
  }
  return written + code.slice(at);
}

/** Whether V8 would make a description: the first key is known. One that sets a prototype stays as it is. */
function isWrittenOut({ properties }) {
  const [first] = properties;
  if (first === undefined || properties.length > MOST_KEYS) return false;
  if (first.type !== 'Property' || first.computed) return false;
  return properties.every((each) => (each.key?.name ?? each.key?.value) !== '__proto__');
}

/**
 * What a chunk exports as values, where the bundler writes getters: each would be a function that is made at the start,
 * and that every use of an export calls. A value that changes later keeps its getter.
 */
function withPlainExports(text, name) {
  const getter =
    /Object\.defineProperty\(exports, "([\w$]+)", \{\n\tenumerable: true,\n\tget: function\(\) \{\n\t\treturn ([\w$]+);\n\t\}\n\}\);\n?/g;
  const plain = text.replace(getter, (written, exported, local) =>
    isFixed(local, text) ? `exports.${exported} = ${local};\n` : written,
  );
  // In another form they would all stay as they are, unseen.
  if (/Object\.defineProperty\(exports, "(?!__esModule)/.test(plain.replace(getter, ''))) {
    throw new Error(`${name}: the bundler writes exports in another way now`);
  }
  return plain;
}

/**
 * What `import()` of a module returns as an object of values, at the end of its chunk, where all have one. The bundler makes a
 * function for each export, at the start of every run.
 */
function withPlainNamespaces(text) {
  const made =
    /^var ([\w$]+) = \/\* @__PURE__ \*\/ require_rolldown_runtime\.__exportAll\(\{([^}]*)\}\);\n/gm;
  let plain = '';
  const rest = text.replace(made, (_, namespace, exported) => {
    const members = exported.replace(/([\w$]+): \(\) => ([\w$]+)/g, (_, name, local) =>
      isFixed(local, text) ? `${name}: ${local}` : `get ${name}() { return ${local}; }`,
    );
    if (members.includes('=>')) throw new Error(`${namespace}: the bundler writes it in another way now`);
    plain += `var ${namespace} = {${members}};\n`;
    return '';
  });
  const end = rest.search(/^(?:Object\.defineProperty\(exports, "(?!__esModule)|exports\.)/m);
  const whole = end === -1 ? rest : `${rest.slice(0, end)}${plain}${rest.slice(end)}`;
  return whole.includes('require_rolldown_runtime.')
    ? whole
    : whole.replace('const require_rolldown_runtime = require("./rolldown-runtime.cjs");\n', '');
}

/** Has chunks loaded when something of them is first used, and not with the chunk that imports them. */
function withLateChunks(text, name) {
  const required = new RegExp(
    `^const (require_\\w+) = require\\("(\\./(?:${lateChunks.join('|')})\\.cjs)"\\);\n`,
    'gm',
  );
  let changed = text;
  for (const [line, variable, file] of text.matchAll(required)) {
    const rest = changed.replace(line, '');
    const used = new RegExp(`(?<![\\w$])${variable}(?![\\w$])(\\.?)`, 'g');
    const isOther = [...rest.matchAll(used)].some(([, dot]) => dot === '');
    if (isOther) throw new Error(`${name}: the bundler uses ${variable} in another way now`);
    changed = `let ${variable};\n${rest.replace(used, `(${variable} ??= require("${file}")).`)}`;
  }
  return changed;
}

/** Whether a variable of a chunk has one value, from its declaration on. */
function isFixed(variable, text) {
  const word = variable.replaceAll('$', '\\$');
  if (new RegExp(`^(?:const|class|(?:async )?function\\*?) ${word}(?![\\w$])`, 'm').test(text)) return true;
  // Its author would have written `const`; it may also change where this finds nothing, as in `[word] = list`.
  if (new RegExp(`^let (?:[^;]*, )?${word}(?![\\w$])`, 'm').test(text)) return false;
  const changes = new RegExp(
    `(?<![\\w$.])(?:${word} *(?:(?:[-+*/%&|^?]{0,2}|<<|>>>?)=(?!=)|\\+\\+|--)|(?:\\+\\+|--)${word}(?![\\w$]))`,
    'g',
  );
  return [...text.matchAll(changes)].length === 1;
}
