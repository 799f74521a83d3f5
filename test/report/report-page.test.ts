/**
 * The page of `report` in a browser: every cell is held against what the command line says of the same profile, which
 * compiles it with libseccomp and decides the program. And what the page must never do, whatever the profile holds.
 *
 * OCI_SECCOMP_LONG_REPORT=1 opens a profile of a mebibyte, the most that is read; else one of a sixteenth.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ociSeccomp, root } from '../cli/run.ts';
import { describeWith } from '../oracle/support/require.ts';
import { openFile, startBrowser } from '../support/browser.ts';
import { removeFolder } from '../support/remove-folder.ts';
import { entangledProfile, hostileProfile, longProfile, simpleProfile, TURNED } from './hostile-profiles.ts';

const folder = mkdtempSync(join(tmpdir(), 'oci-seccomp-report-'));
afterAll(() => removeFolder(folder));

const HOST = ['--arch', 'x86_64', '--kernel', '6.1'] as const;

const written = new Map<string, string>();

/** The file of a report, which is written once. */
function report(profile: string, ...options: readonly string[]): string {
  const key = JSON.stringify([profile, options]);
  const known = written.get(key) ?? write(profile, options);
  written.set(key, known);
  return known;
}

function write(profile: string, options: readonly string[]): string {
  const file = join(folder, `${profile.replace(/\W/g, '_')}${options.length}.html`);
  const { status, stderr } = ociSeccomp(['report', profile, ...HOST, ...options, '-o', file]);
  expect(stderr).toMatch(/Allows \d+ of \d+ calls/);
  expect(status).toBe(0);
  return file;
}

/** The comparisons of each rule for a call that has some. */
function ruleArguments(text: string, syscall: string) {
  interface Rule {
    readonly names: readonly string[];
    readonly args?: readonly { readonly index: number; readonly value: number }[];
  }
  const { syscalls } = JSON.parse(text) as { readonly syscalls: readonly Rule[] };
  return syscalls.flatMap(({ names, args }) => (names.includes(syscall) && args !== undefined ? [args] : []));
}

describe('a page', () => {
  it.each([
    ['a report', () => report('docker-default')],
    ['the page to try', () => join(root, 'dist/page/try/index.html')],
  ])('of %s is one small file that names no other', (_, file) => {
    const html = readFileSync(file(), 'utf8');
    expect(gzipSync(html).length).toBeLessThan(300_000);
    expect(html).not.toMatch(/<(?:link|img|iframe|base)\b|<script[^>]*\bsrc=|@import|url\(/);
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
    expect(policy).toMatch(
      /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; img-src data:; base-uri 'none'; form-action 'none'$/,
    );
  });

  it('says its first sentence without a script too', () => {
    const html = readFileSync(report('podman-default'), 'utf8');
    expect(html).toMatch(/<noscript><p>podman-default: Allows \d+ of \d+ calls on x86_64/);
  });
});

/** What a cell says, by the name of the call. */
type Verdicts = Readonly<Record<string, string>>;

function cellsOf(page: Page): Promise<Verdicts> {
  return page.$$eval('.cell', (cells) =>
    Object.fromEntries(
      cells.map((cell) => [cell.getAttribute('data-call'), cell.getAttribute('data-verdict')]),
    ),
  );
}

interface Explained {
  readonly calls: readonly {
    readonly syscall: string;
    readonly verdicts: readonly { readonly text: string }[];
  }[];
}

/** The same from the command line. */
function explained(profile: string, options: readonly string[]): Verdicts {
  const { stdout } = ociSeccomp(['explain', profile, '--json', ...options]);
  const { calls } = JSON.parse(stdout) as Explained;
  return Object.fromEntries(
    calls.map(({ syscall, verdicts }) => [syscall, verdicts.map(({ text }) => text).join(' or ')]),
  );
}

interface Toggle {
  readonly name: string;
  readonly set: (page: Page) => Promise<unknown>;
  readonly options: readonly string[];
}

const toggles: readonly Toggle[] = [
  {
    name: 'all capabilities',
    set: async (page) => {
      await page.click('#set-caps');
      await page.click('#set-caps-all');
    },
    options: [...HOST, '--caps', 'all'],
  },
  {
    name: 'kernel 4.4',
    set: (page) => page.selectOption('#set-kernel', '4.4'),
    options: ['--arch', 'x86_64', '--kernel', '4.4'],
  },
  {
    name: 'aarch64',
    set: (page) => page.selectOption('#set-architecture', 'aarch64'),
    options: ['--arch', 'aarch64', '--host-arch', 'aarch64', '--kernel', '6.1'],
  },
  {
    name: 'crun',
    set: (page) => page.selectOption('#set-runtime', 'crun'),
    options: [...HOST, '--runtime', 'crun'],
  },
];

describeWith(['chromium', 'built'], 'the page of report', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  const conditional = join(root, 'fixtures/cli/conditions.json');
  it.each(['docker-default', 'podman-default', conditional])(
    'has the answers of the command line in every cell: %s',
    async (profile) => {
      const file = report(profile);
      const { page, complaints } = await openFile(browser, file);
      const first = await cellsOf(page);
      expect(first).toEqual(explained(profile, HOST));
      expect(Object.keys(first).length).toBeGreaterThan(300);
      for (const { name, set, options } of toggles) {
        await set(page);
        const found = await cellsOf(page);
        expect({ [name]: found }).toEqual({ [name]: explained(profile, options) });
        expect(await page.textContent('.outcome')).not.toBe('');
        await page.click('.settings .quiet');
        expect(await cellsOf(page)).toEqual(first);
      }
      expect(complaints).toEqual([]);
      await page.close();
    },
  );

  it('names what a capability opens, as diff does', async () => {
    const { page } = await openFile(browser, report('docker-default'));
    await page.click('#set-caps');
    await page.click('#cap-CAP_SYS_ADMIN');
    const text = (await page.textContent('.outcome')) ?? '';
    const { stdout } = ociSeccomp([
      ...['diff', 'docker-default', 'docker-default', ...HOST, '--other-cap', 'SYS_ADMIN', '--json'],
    ]);
    const { architectures } = JSON.parse(stdout) as {
      readonly architectures: readonly {
        readonly arch: string;
        readonly changes: readonly {
          readonly kind: string;
          readonly syscalls: readonly { readonly name: string }[];
        }[];
      }[];
    };
    const opened = architectures
      .filter(({ arch }) => arch === 'x86_64')
      .flatMap(({ changes }) => changes.filter(({ kind }) => kind === 'looser' || kind === 'mixed'))
      .flatMap(({ syscalls }) => syscalls.map(({ name }) => name));
    expect(opened.length).toBeGreaterThan(15);
    expect(text).toContain(`+CAP_SYS_ADMIN opens ${opened.length} calls on x86_64`);
    expect(await page.$$eval('.cell.is-changed', (cells) => cells.length)).toBe(opened.length);
    await page.close();
  });

  it('says what no_new_privs changes for the start, as lint does', async () => {
    const { page } = await openFile(browser, report(conditional));
    const lint = (...more: readonly string[]): string =>
      ociSeccomp(['lint', conditional, ...more, '--json']).stdout;
    const named = (text: string): readonly string[] => text.match(/\b(?:capset|setgid|prctl|chdir)\b/g) ?? [];
    for (const option of [[], ['--no-new-privileges']]) {
      if (option.length > 0) await page.click('#set-nnp');
      const said = (await page.textContent('.trouble')) ?? '';
      const message = /no container can start[^"]*/.exec(lint(...option))?.[0] ?? '';
      expect([...new Set(named(said))].sort()).toEqual([...new Set(named(message))].sort());
    }
    await page.close();
  });

  it('counts the holes that lint proves with a call, also those of the default itself', async () => {
    const { page } = await openFile(browser, report('docker-default'));
    const { stdout } = ociSeccomp(['lint', 'docker-default', '--inherited']);
    const calls = [...stdout.matchAll(/^ +(call: .* gets ALLOW.*)$/gm)].map(([, call]) => call);
    expect(calls.length).toBe(2);
    expect(await page.$$eval('.f-hole > .mono', (all) => all.map((each) => each.textContent))).toEqual(
      expect.arrayContaining(calls),
    );
    expect(await page.textContent('.tone-hole')).toBe('2 proven holes');
    // The sentence leads to what it counts.
    await page.click('.tone-hole');
    expect(await page.evaluate(() => document.querySelector(':target h2')?.textContent)).toBe('Findings');
    const [, dangerous] = /(\d+) of them dangerous/.exec((await page.textContent('.sentence')) ?? '') ?? [];
    await page.click('.tone-danger');
    expect(await page.$$eval('.cell', (cells) => cells.length)).toBe(Number(dangerous));
    await page.close();
  });

  it('shows a profile that is pasted, and what is wrong with one', async () => {
    const { page, complaints } = await openFile(browser, join(root, 'dist/page/try/index.html'));
    await page.fill('#paste', readFileSync(conditional, 'utf8'));
    await page.click('#go');
    await page.waitForSelector('.cell');
    // It knows the newest names, and takes the newest kernel.
    const options = ['--arch', 'x86_64', '--kernel', '6.18', '--table', '2.6.1'];
    const verdicts = explained(conditional, options);
    expect(await cellsOf(page)).toEqual(verdicts);
    await page.fill('#paste', '{"defaultAction": "SCMP_ACT_ALLOW",\n"syscalls": [}');
    await page.click('#go');
    await page.waitForSelector('[role="alert"]:not([hidden])');
    expect(await page.textContent('[role="alert"]')).toMatch(/line 2:\d+: /);
    expect(await page.$$eval('.cell', (cells) => cells.length)).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('can be used without a mouse', async () => {
    const { page, complaints } = await openFile(browser, report('docker-default'));
    const focused = (): Promise<string> =>
      page.evaluate(
        () => document.activeElement?.getAttribute('data-call') ?? document.activeElement?.id ?? '',
      );
    await page.keyboard.press('/');
    expect(await focused()).toBe('search');
    await page.keyboard.type('clone');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('clone');
    await page.keyboard.press('ArrowRight');
    expect(await focused()).toBe('clone3');
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    expect(await page.textContent('.call-head h2')).toBe('clone');
    expect(await focused()).toBe('clone');
    // One cell is in the order of Tab: the fields of the call come next.
    for (let presses = 0; (await focused()) !== 'arg-0' && presses < 4; presses += 1) {
      await page.keyboard.press('Tab');
    }
    expect(await focused()).toBe('arg-0');
    await page.keyboard.type('CLONE_NEWUSER');
    const [line = ''] = ociSeccomp([
      'explain',
      'docker-default',
      'clone',
      'CLONE_NEWUSER',
      ...HOST,
    ]).stdout.split('\n');
    expect(line).toContain('EPERM');
    expect(await page.textContent('.verdict-line')).toBe(line);
    await page.focus('#tab-x86_64');
    await page.keyboard.press('ArrowRight');
    expect(await focused()).toBe('tab-x86');
    expect(await page.getAttribute('#tab-x86', 'aria-selected')).toBe('true');
    // In the source N goes to the next rule, and the matrix shows its calls.
    await page.fill('#search', '');
    await page.focus('.source-view');
    for (const key of ['n', 'n', 'p', 'n']) await page.keyboard.press(key);
    expect(await page.textContent('.line.is-chosen')).toBe(` ${ruleLine('docker-default', 1)}    {`);
    expect(await page.$$eval('.cell.is-of-rule', (cells) => cells.length)).toBeGreaterThan(0);
    await page.keyboard.press('Escape');
    expect(await page.$$eval('.line.is-chosen', (lines) => lines.length)).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('shows the rule of a call in the source, and the calls of a rule in the matrix', async () => {
    const { page } = await openFile(browser, report(conditional));
    await page.click('[data-call="personality"]');
    const link = page.locator('.rules .link').first();
    const line = Number(/\d+/.exec((await link.textContent()) ?? '')?.[0]);
    await link.click();
    const chosen = await page.$$eval('.line.is-chosen', (lines) => lines.map((each) => each.textContent));
    expect(chosen[0]).toContain(` ${line}`);
    expect(readFileSync(conditional, 'utf8').split('\n')[line - 1]).toBe(
      (chosen[0] ?? '').replace(/^\D*\d+/, ''),
    );
    const ofRule = await page.$$eval('.cell.is-of-rule', (cells) =>
      cells.map((cell) => cell.getAttribute('data-call')),
    );
    expect(ofRule).toContain('personality');
    await page.close();
  });

  it('shows what another profile lets through, looser first, with a call that shows it', async () => {
    const { page } = await openFile(browser, report('docker-default', '--against', 'podman-default'));
    const tags = await page.$$eval('.arch-changes[open] .tag', (all) => all.map((tag) => tag.textContent));
    const order = ['looser', 'looser for some arguments', 'different', 'stricter'];
    expect(tags).toEqual(tags.toSorted((a, b) => order.indexOf(a ?? '') - order.indexOf(b ?? '')));
    expect(new Set(tags)).toContain('looser');
    expect(await page.$$eval('.witness', (all) => all.length)).toBeGreaterThanOrEqual(tags.length);
    const { stdout } = ociSeccomp(['diff', 'podman-default', 'docker-default', ...HOST]);
    const [, looser] = /x86_64[^:;]*: (\d+) system calls? looser/.exec(stdout) ?? [];
    expect(await page.textContent('.standing .looser')).toBe(`+${looser} looser`);
    // Only what changed is in the matrix, until the reader asks for all.
    const shown = (): Promise<number> => page.$$eval('.cell', (cells) => cells.length);
    expect(await shown()).toBe(await page.$$eval('.cell.is-changed', (cells) => cells.length));
    await page.click('#legend-changed');
    expect(await shown()).toBeGreaterThan(300);
    await page.close();
  });

  it('takes a profile for text, whatever stands in it', async () => {
    const name = join(folder, '<img src=x onerror=alert(1)>&quot;.json');
    writeFileSync(name, hostileProfile);
    const { page, complaints } = await openFile(browser, report(name, '--against', name));
    for (const step of ['[data-call="clone"]', '.rules .link', '#layout-table']) await page.click(step);
    await page.$$eval('summary', (all) => {
      for (const each of all) (each as HTMLElement).click();
    });
    const text = await page.evaluate(() => document.body.innerText);
    expect(text).toContain('\\u{202e}');
    expect(text).not.toContain(TURNED);
    expect(text).toContain('<img src=x onerror=alert(1)>');
    expect(text).toContain('</script><script>');
    const strange = 'img, iframe, object, embed, link, base, svg, [onerror], [onload], b:empty';
    expect(await page.$$eval(strange, (all) => all.map((each) => each.outerHTML))).toEqual([]);
    expect(await page.$$eval('script', (all) => all.length)).toBe(2);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('shows what can be decided of a profile that is too complex, and says what cannot', async () => {
    const [name, simple] = ['entangled.json', 'simple.json'].map((each) => join(folder, each));
    writeFileSync(name as string, entangledProfile(300));
    writeFileSync(simple as string, simpleProfile);
    const file = join(folder, 'entangled.html');
    const { status, stderr } = ociSeccomp(['report', name as string, ...HOST, '-o', file]);
    expect(stderr).toMatch(/: Allows 6 of \d+ calls .*; 1 not decided;/);
    expect(stderr).toContain('warning: too complex to decide: what becomes of mmap on x86_64\n');
    expect(status).toBe(2);
    const { page, complaints } = await openFile(browser, file);
    expect(await page.$$eval('.undecided li', (all) => all.map((each) => each.textContent))).toEqual([
      'what becomes of mmap on x86_64',
      'whether lint finds more',
    ]);
    expect(await page.textContent('.standing')).toContain('1 not decided');
    const { mmap, ...others } = await cellsOf(page);
    expect(mmap).toMatch(/^undecided: /);
    const { mmap: _, ...expected } = explained(simple as string, HOST);
    expect(others).toEqual(expected);
    // It is neither open nor closed, and no danger is claimed.
    expect(await page.$$eval('.cell.v-undecided', (cells) => cells.length)).toBe(1);
    await page.click('[data-call="mmap"]');
    expect(await page.textContent('.side')).toContain('undecided: the rules of this call are too complex');
    // With its arguments it is decided: all rules of the call allow.
    for (const at of [0, 1, 2, 3, 4, 5]) await page.fill(`#arg-${at}`, '7');
    expect(await page.textContent('.verdict-line')).toMatch(/: ERRNO EPERM \(1\)$/);
    const [args = []] = ruleArguments(readFileSync(name as string, 'utf8'), 'mmap');
    for (const { index, value } of args) await page.fill(`#arg-${index}`, String(value));
    expect(await page.textContent('.verdict-line')).toMatch(/: ALLOW$/);
    await page.click('[data-call="personality"]');
    expect(await page.textContent('.side')).toContain('ALLOW            if arg0 == PER_LINUX32 (8)');
    // A change of settings is decided in the page, and stays within its budget.
    await page.selectOption('#set-runtime', 'crun');
    expect((await cellsOf(page)).mmap).toMatch(/^undecided: /);
    expect(complaints).toEqual([]);
    await page.close();
  });

  const defects = JSON.parse(readFileSync(join(root, 'fixtures/defects/expected.json'), 'utf8')) as readonly {
    readonly profile: string;
    readonly kind: string;
    readonly call?: string;
    readonly meant?: string;
  }[];
  const looser = defects.filter(
    ({ kind, call }) => kind === 'looser' && call?.startsWith('x86_64 ') === true,
  );
  it('answers about a call as the program does that libseccomp compiled wrongly, and says what the rules say', async () => {
    expect(looser.length).toBeGreaterThan(3);
    for (const { profile, call = '', meant } of looser) {
      // A call with fields for its arguments.
      const text = readFileSync(join(root, 'fixtures/defects', `${profile}.json`), 'utf8');
      const name = join(folder, `${profile}.json`);
      writeFileSync(name, text.replaceAll('getppid', 'prctl'));
      const args = /\((.*)\)/.exec(call)?.[1]?.split(', ') ?? [];
      const words = Array.from({ length: 5 }, (_, at) => args[at] ?? '0');
      const input = `x86_64 prctl ${words.join(' ')}\n`;
      const simulated = ociSeccomp(['simulate', name, '--kernel', '6.1', '--json'], { input });
      const { verdict } = JSON.parse(simulated.stdout) as { readonly verdict: string };
      const { page, complaints } = await openFile(browser, report(name));
      await page.click('[data-call="prctl"]');
      for (const [at, word] of words.entries()) await page.fill(`#arg-${at}`, word);
      expect([profile, await page.textContent('.verdict-line')]).toEqual([
        profile,
        expect.stringMatching(new RegExp(`: ${verdict.replace(/[()]/g, '\\$&')}$`)),
      ]);
      expect([profile, verdict === meant]).toEqual([profile, false]);
      expect(await page.textContent('#call .trouble')).toMatch(
        /^This is not what the rules say, libseccomp \S+ compiles/,
      );
      expect(await page.textContent('#call .trouble + .cases')).toBe(`${meant}  always`);
      // The page has no program for other settings.
      await page.selectOption('#set-kernel', '5.4');
      await page.click('.close');
      await page.click('[data-call="prctl"]');
      for (const [at, word] of words.entries()) await page.fill(`#arg-${at}`, word);
      expect(await page.textContent('.verdict-line')).toContain(`: ${meant}`);
      expect(complaints).toEqual([]);
      await page.close();
    }
  });

  it('opens with little work, however long the profile', async () => {
    const name = join(folder, 'long.json');
    writeFileSync(name, longProfile(process.env.OCI_SECCOMP_LONG_REPORT === '1' ? 1 << 20 : 1 << 16));
    const { page, complaints } = await openFile(browser, report(name));
    const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
    expect(nodes).toBeLessThan(6000);
    // The last line is reached by scrolling, which draws what is in view.
    await page.$eval('.source-view', (view) => view.scrollTo(0, view.scrollHeight));
    await page.waitForFunction(() =>
      document.querySelector('.source-room')?.lastElementChild?.textContent?.includes(']'),
    );
    expect(await page.$$eval('.line', (lines) => lines.length)).toBeLessThan(200);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it.each([
    [360, 'light'],
    [360, 'dark'],
    [1600, 'light'],
    [1600, 'dark'],
  ] as const)('fits %i pixels, with contrast in the %s scheme', async (width, colorScheme) => {
    const { page } = await openFile(browser, report('docker-default', '--against', 'podman-default'), {
      viewport: { width, height: 800 },
      colorScheme,
    });
    await page.click('[data-call="mount"]');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    expect(await page.evaluate(lowContrast)).toEqual([]);
    await page.click('#legend-changed');
    const cut = await page.$$eval('.cell .name', (names) =>
      names.filter((name) => name.scrollWidth > name.clientWidth).map((name) => name.textContent),
    );
    expect(cut).toEqual([]);
    // Wherever the cell is, the answer is in view.
    await page.click('.cell >> nth=-1');
    const top = await page.$eval('.call-head', (head) => head.getBoundingClientRect().top);
    expect(top).toBeGreaterThanOrEqual(0);
    expect(top).toBeLessThan(400);
    await page.close();
  });
});

/** The line of a rule, as `resolve` and the page write the profile: the first line of its object. */
function ruleLine(profile: string, rule: number): number {
  const html = readFileSync(report(profile), 'utf8');
  return (JSON.parse(/"lines":(\[[^\]]*\])/.exec(html)?.[1] ?? '[]') as readonly number[])[rule] ?? 0;
}

/** Texts whose colour is too near to what is behind them: WCAG 2.2, 1.4.3, below 4.5 to 1. Runs in the page. */
function lowContrast(): readonly string[] {
  const parse = (color: string): readonly number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
  const over = (front: readonly number[], back: readonly number[]): readonly number[] => {
    const [r = 0, g = 0, b = 0, a = 1] = front;
    return [r, g, b].map((value, at) => value * a + (back[at] ?? 0) * (1 - a));
  };
  const luminance = (color: readonly number[]): number => {
    const [r = 0, g = 0, b = 0] = color.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element: Element): readonly number[] => {
    const chain: Element[] = [];
    for (let each: Element | null = element; each !== null; each = each.parentElement) chain.unshift(each);
    return chain.reduce<readonly number[]>(
      (color, each) => over(parse(getComputedStyle(each).backgroundColor), color),
      [255, 255, 255],
    );
  };
  const found = new Set<string>();
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim());
    if (!own || element.closest('[hidden], noscript, script, :disabled, option, .is-dim') !== null) continue;
    if (element.getClientRects().length === 0) continue;
    const back = behind(element);
    const [a, b] = [luminance(over(parse(getComputedStyle(element).color), back)), luminance(back)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.add(`${element.className || element.tagName}: ${ratio.toFixed(2)}`);
  }
  return [...found];
}
