/**
 * The pages of rules in docs/rules, which the package carries.
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

let folder: string | undefined;

/** The folder of the pages: it lies above the built program, and above the sources. */
function pagesFolder(): string {
  let at = dirname(fileURLToPath(import.meta.url));
  while (folder === undefined && at !== dirname(at)) {
    at = dirname(at);
    const candidate = join(at, 'docs/rules');
    if (existsSync(candidate)) folder = candidate;
  }
  return folder ?? 'docs/rules';
}

/** The page of a rule, Markdown; `undefined` if it is missing. */
export function readRulePage(id: string): string | undefined {
  const file = join(pagesFolder(), `${id}.md`);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** The paragraphs of a page between its title and its first heading: what the rule is about. */
export function summaryOfPage(page: string): string {
  const body = page.replace(/^#[^\n]*\n+/, '');
  const [first = ''] = body.split(/^## /m);
  return first.trim();
}
