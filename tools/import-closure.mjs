// What a module imports statically, with all that this imports: by it the build puts modules into chunks.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

/** The modules of some files, and all they import statically. `except` is in the set too; what it imports is there only if others import it. */
export function closure(files, except = []) {
  const found = new Set(except);
  for (const file of files) importedBy(resolve(root, file), found);
  return found;
}

/** As {@link closure}, with what is imported on use: all that can ever be loaded. */
export function reach(files) {
  const found = new Set();
  for (const file of files) importedBy(resolve(root, file), found, true);
  return found;
}

/** A module, and all it imports statically, with all they import. Imports of types alone vanish in the bundle. */
function importedBy(file, found, onUse = false) {
  if (found.has(file)) return;
  found.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [, specifier] of text.matchAll(/^(?:import|export)\s(?!type\b)[^;]*?from '(\.[^']+)'/gm)) {
    importedBy(resolve(dirname(file), specifier), found, onUse);
  }
  for (const [, specifier] of text.matchAll(/^import '(\.[^']+)'/gm))
    importedBy(resolve(dirname(file), specifier), found, onUse);
  if (!onUse) return;
  for (const [, specifier] of text.matchAll(/\bimport\('(\.[^']+)'\)/g))
    importedBy(resolve(dirname(file), specifier), found, onUse);
}
