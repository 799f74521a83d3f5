/**
 * Whether a tag may be released: `node tools/check-release.mjs v0.2.0 [FOLDER]`. Prints every reason against it, and exits with 1 if
 * there is one. It prints nothing else. The workflow for releases runs it; run it yourself before you make a tag.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [tag = '', folder = '.'] = process.argv.slice(2);
const read = (file) => readFileSync(join(folder, file), 'utf8');
const reasons = [];

const version = /^v(\d+\.\d+\.\d+(?:-[0-9a-z.]+)?)$/.exec(tag)?.[1];
if (version === undefined) reasons.push(`a tag is v and a version, as v0.2.0, not '${tag}'`);
else {
  for (const file of ['package.json', 'package-lock.json']) {
    const found = JSON.parse(read(file)).version;
    if (found !== version) reasons.push(`${file} has version ${found}, not ${version}`);
  }
  const program = /PACKAGE_VERSION = '([^']*)'/.exec(read('src/cli/version.ts'))?.[1];
  if (program !== version) reasons.push(`src/cli/version.ts has version ${program}, not ${version}`);
  const template = /oci-seccomp@(\S+)/.exec(read('templates/seccomp.gitlab-ci.yml'))?.[1];
  if (template !== version)
    reasons.push(`templates/seccomp.gitlab-ci.yml takes version ${template}, not ${version}`);
  reasons.push(...reasonsOfChangelog(read('CHANGELOG.md'), version));
}
if (!existsSync(join(folder, 'LICENSE'))) reasons.push('there is no LICENSE');
for (const reason of reasons) console.log(reason);
process.exitCode = reasons.length === 0 ? 0 : 1;

/** The release has a heading with its day, what follows it is not empty, and releases are in order. */
function reasonsOfChangelog(text, version) {
  const found = [];
  const sections = text.split(/^## /m).slice(1);
  const names = sections.map((section) => /^\[([^\]]+)\](?: - (\S+))?/.exec(section));
  const at = names.findIndex((name) => name?.[1] === version);
  const [, , day] = names[at] ?? [];
  if (at < 0) return [`CHANGELOG.md has no heading [${version}]`];
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day ?? ''))
    found.push(`the heading of [${version}] has no day: ## [${version}] - 2026-12-01`);
  if (!/^- /m.test(sections[at] ?? '')) found.push(`[${version}] of CHANGELOG.md names no change`);
  const [first] = names;
  const unreleased = first?.[1] === 'Unreleased' ? sections[0] : undefined;
  if (unreleased !== undefined && /^- /m.test(unreleased))
    found.push('changes under [Unreleased] belong to the release, or to a later commit');
  const later = names.slice(0, at).filter((name) => name?.[1] !== 'Unreleased');
  if (later.length > 0) found.push(`[${version}] stands below ${later.map((name) => name?.[1]).join(', ')}`);
  return found;
}
