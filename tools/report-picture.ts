/**
 * Makes docs/images/report.png, the picture of a report in README: `node tools/run.mjs tools/report-picture.ts`. It needs
 * the build and Debian's chromium. The picture is of a small window, so that its text can be read.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFile, startBrowser } from '../test/support/browser.ts';

const root = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'report-picture-'));
const file = join(folder, 'report.html');
spawnSync(
  process.execPath,
  [
    ...[`${root}/dist/bin/main.cjs`, 'report', 'docker-default', '--arch', 'x86_64'],
    ...['--kernel', '6.12', '--table', '2.6.1', '-o', file],
  ],
  { stdio: 'inherit' },
);
const browser = await startBrowser();
try {
  const { page } = await openFile(browser, file, { viewport: { width: 1280, height: 760 } });
  await page.click('[data-call="clone"]');
  await page.click('#set-caps');
  await page.click('#cap-CAP_SYS_ADMIN');
  await page.click('#set-caps');
  await page.evaluate('scrollTo(0, 0); document.activeElement.blur()');
  mkdirSync(`${root}/docs/images`, { recursive: true });
  await page.screenshot({ path: `${root}/docs/images/report.png` });
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
