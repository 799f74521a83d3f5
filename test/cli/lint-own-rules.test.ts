/**
 * Modules of lint rules that a configuration names, with the program: what is run and what not, how rules show in every
 * format, and what a bad module says.
 */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { ociSeccomp, root } from './run.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'oci-seccomp-rules-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RULE = `{
  id: 'acme/no-names', group: 'form', level: 'warn', title: 'A rule has more names than we want', help: '# acme/no-names\\n\\nShort rules are \`read\`.\\n',
  readSettings: (given = {}) => {
    if (given.max !== undefined && typeof given.max !== 'number') throw new Error('"max" must be a number');
    return { max: given.max ?? 1 };
  },
  check({ profile, pointerOf, settings, report, edit }) {
    for (const rule of profile.rules) {
      if (rule.names.length <= settings.max) continue;
      const pointer = \`\${pointerOf(rule)}/names\`;
      report({ pointer, message: \`\${rule.names.length} names\`, ...edit.correction('remove one', edit.remove(\`\${pointer}/0\`)) });
    }
  },
}`;
/** A module that leaves a mark when it is run. */
const MODULE = `import { writeFileSync } from 'node:fs';
writeFileSync(new URL('ran', import.meta.url), '');
export const rules = [${RULE}];
`;
const PROFILE = `{
  "defaultAction": "SCMP_ACT_ERRNO",
  "architectures": ["SCMP_ARCH_X86_64"],
  "syscalls": [{ "names": ["read", "write"], "action": "SCMP_ACT_ALLOW" }]
}
`;
const CONFIG = '{\n  "plugins": [\n    "./rules.mjs"]\n}';

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const lint = (words: readonly string[], cwd = folder) =>
  ociSeccomp(['lint', '--no-libseccomp', ...words], { cwd });

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'below'), { recursive: true });
  write('profile.json', PROFILE);
  write('rules.mjs', MODULE);
  write('oci-seccomp.config.json', CONFIG);
});

describe('a module of rules', () => {
  it.each(['human', 'json', 'sarif', 'github', 'junit'])('shows in format %s', (format) => {
    const { stdout } = lint(['profile.json', '--format', format]);
    expect(stdout).toContain('acme/no-names');
    expect(stdout).toContain('2 names');
  });

  it('is described in SARIF, with its page', () => {
    const { runs } = JSON.parse(lint(['profile.json', '--format', 'sarif']).stdout) as {
      readonly runs: readonly [
        {
          readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
          readonly results: readonly { readonly ruleId: string; readonly ruleIndex: number }[];
        },
      ];
    };
    const [{ tool, results }] = runs;
    const result = results.find(({ ruleId }) => ruleId === 'acme/no-names');
    expect(tool.driver.rules[result?.ruleIndex ?? 0]).toMatchObject({
      id: 'acme/no-names',
      fullDescription: { text: 'Short rules are read.' },
      help: { markdown: '# acme/no-names\n\nShort rules are `read`.\n' },
    });
  });

  it('is listed and explained by `rules`', () => {
    const rules = (...words: readonly string[]) => ociSeccomp(['rules', ...words], { cwd: folder });
    expect(rules().stdout).toMatch(/acme\/no-names +warn +A rule has more names/);
    expect(rules('acme/no-names').stdout).toMatch(
      /^# acme\/no-names\n\nShort rules [\s\S]*Module: \.\/rules\.mjs\.\n$/,
    );
    const { rules: listed } = JSON.parse(rules('--json').stdout) as { readonly rules: readonly object[] };
    expect(listed.at(-1)).toMatchObject({ id: 'acme/no-names', module: './rules.mjs' });
    expect(rules('--no-config').stdout).not.toContain('acme');
    expect(rules('acme/no-name').stderr).toContain('did you mean acme/no-names?');
  });

  it('has levels and settings, which overrides join', () => {
    const settings = (text: string): string => {
      write('oci-seccomp.config.json', text);
      const { stdout } = lint(['profile.json']);
      return /(\w+): 2 names/.exec(stdout)?.[1] ?? 'none';
    };
    const config = (rules: unknown, override: unknown): string =>
      JSON.stringify({
        plugins: ['rules.mjs'],
        rules,
        overrides: [{ files: ['profile.json'], rules: override }],
      });
    const id = 'acme/no-names';
    expect(settings(config({}, {}))).toBe('warning');
    expect(settings(config({ [id]: 'error' }, {}))).toBe('error');
    expect(settings(config({ [id]: ['error', { max: 2 }] }, {}))).toBe('none');
    expect(settings(config({ [id]: ['error', { max: 2 }] }, { [id]: ['note', { max: 1 }] }))).toBe('note');
    expect(settings(config({ [id]: ['error', { max: 1 }] }, { [id]: 'note' }))).toBe('note');
  });

  it('mends what it finds, with --fix-all alone', () => {
    lint(['profile.json', '--fix']);
    expect(readFileSync(join(folder, 'profile.json'), 'utf8')).toBe(PROFILE);
    lint(['profile.json', '--fix-all']);
    expect(readFileSync(join(folder, 'profile.json'), 'utf8')).toBe(PROFILE.replace('"read", ', ''));
  });

  it('may be CommonJS', () => {
    write('rules.cjs', `module.exports = { rules: [${RULE}] };`);
    write('oci-seccomp.config.json', '{ "plugins": ["rules.cjs"] }');
    expect(lint(['profile.json']).stdout).toContain('acme/no-names');
  });
});

const ran = (): boolean => {
  try {
    readFileSync(join(folder, 'ran'));
    return true;
  } catch {
    return false;
  }
};

describe('the code of a module', () => {
  it('is run for a configuration that lies in the current folder or below it', () => {
    lint([join(folder, 'profile.json')], join(folder, '..'));
    expect(ran()).toBe(true);
  });

  it('is run for one above the current folder in the same repository only', () => {
    const words = ['../profile.json'];
    const outside = lint(words, join(folder, 'below'));
    expect([outside.status, ran()]).toEqual([2, false]);
    mkdirSync(join(folder, '.git'));
    expect(lint(words, join(folder, 'below')).stdout).toContain('acme/no-names');
    expect(ran()).toBe(true);
  });

  it('is not run for one elsewhere, unless the user names it', () => {
    const elsewhere = realpathSync(mkdtempSync(join(tmpdir(), 'oci-seccomp-elsewhere-')));
    try {
      const { status, stderr } = lint([join(folder, 'profile.json')], elsewhere);
      expect(status).toBe(2);
      expect(stderr).toMatch(/oci-seccomp\.config\.json:3:5: .*the module \.\/rules\.mjs is not run/);
      expect(ran()).toBe(false);
      const config = join(folder, 'oci-seccomp.config.json');
      const named = lint([join(folder, 'profile.json'), '--config', config], elsewhere);
      expect(named.stdout).toContain('acme/no-names');
      expect(ran()).toBe(true);
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });

  it('is not run with --no-config, nor for a profile that lies beside it and is read from standard input', () => {
    lint(['profile.json', '--no-config']);
    ociSeccomp(['lint', '-'], { cwd: join(folder, 'below'), input: PROFILE });
    expect(ran()).toBe(false);
  });
});

describe('a bad module is an error at its place in the configuration', () => {
  it.each([
    ['missing', undefined, 'there is no module ./rules.mjs'],
    ['with a mistake', 'export const rules = [', 'the module ./rules.mjs cannot be loaded: '],
    ['that throws', 'throw new Error("no\\nway")', 'the module ./rules.mjs cannot be loaded: no'],
    ['with imports that are missing', 'import "./absent.mjs"', 'the module ./rules.mjs cannot be loaded: '],
    ['without rules', 'export const rule = []', 'the module ./rules.mjs exports no list of rules'],
    ['with something else', 'export const rules = [1]', 'the module ./rules.mjs: a rule must be an object'],
    [
      'with a built-in id',
      `export const rules = [{ ...${RULE}, id: 'default-allow' }]`,
      `the rule 'default-allow' has a wrong "id"`,
    ],
    [
      'with one rule twice',
      `const r = ${RULE}; export const rules = [r, r]`,
      `the rule 'acme/no-names', and`,
    ],
  ])('%s', (_, text, message) => {
    if (text === undefined) rmSync(join(folder, 'rules.mjs'));
    else write('rules.mjs', text);
    for (const words of [['lint', 'profile.json'], ['rules']]) {
      const { stdout, stderr, status } = ociSeccomp(words, { cwd: folder });
      expect([stdout, status]).toEqual(['', 2]);
      expect(stderr).toContain('oci-seccomp.config.json:3:5: ');
      expect(stderr).toContain(message);
    }
  });

  it('settings that a rule does not take', () => {
    write(
      'oci-seccomp.config.json',
      '{ "plugins": ["rules.mjs"],\n "rules": { "acme/no-names": ["warn", { "max": "2" }] } }',
    );
    const { stderr, status } = lint(['profile.json']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/:2:39: .*acme\/no-names does not take these settings: "max" must be a number/);
  });

  it('a rule that fails is a finding, and the run goes on', () => {
    write('rules.mjs', `export const rules = [{ ...${RULE}, check() { throw new Error('oops'); } }]`);
    const { stdout, status } = lint(['profile.json', '--format', 'json']);
    expect(status).toBe(1);
    expect(stdout).toContain('"message": "the rule failed: oops"');
  });
});

describe('docs/lint.md', () => {
  it('has a module and a configuration that work', () => {
    const page = readFileSync(join(root, 'docs/lint.md'), 'utf8');
    const section = page.split(/^## /m).find((each) => each.startsWith('Rules of your own')) ?? '';
    const [, module = ''] = /```js\n([\s\S]*?)```/.exec(section) ?? [];
    const [, config = ''] = /```json\n([\s\S]*?)```/.exec(section) ?? [];
    write('seccomp-rules.mjs', module);
    // The other rule of the configuration is another module's.
    write('oci-seccomp.config.json', config.replace(/, "acme\/no-vsock": "error"/, '').replace('40', '1'));
    expect(lint(['profile.json']).stdout).toContain('warning: this rule has 2 names [acme/max-names]');
  });
});
