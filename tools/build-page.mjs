// Builds the pages of dist/page: the report without its data, and the page where one pastes a profile.
//
// Each is one file: style and script stand in it, and a content security policy lets nothing else run or load.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rolldown } from 'rolldown';

const template = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="POLICY">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>TITLE</title>
<style>STYLE</style>
</head>
<body>
<main id="page"><noscript><p>SUMMARY</p><p>The rest of this page needs JavaScript, which runs in the page alone and loads nothing.</p></noscript></main>
DATA<script type="module">SCRIPT</script>
</body>
</html>
`;

/** Writes dist/page/report.html and dist/page/try/index.html. */
export async function buildPages(root) {
  const style = shorten(readFileSync(`${root}/src/report/page/style.css`, 'utf8'));
  mkdirSync(`${root}/dist/page/try`, { recursive: true });
  writeFileSync(
    `${root}/dist/page/report.html`,
    page({
      // src/report/fill-page.ts puts the data of a report there.
      TITLE: '<!--title-->',
      SUMMARY: '<!--summary-->',
      DATA: '<script type="application/json" id="data"><!--data--></script>\n',
      STYLE: style,
      SCRIPT: await bundle(`${root}/src/report/page/report-page.ts`),
    }),
  );
  writeFileSync(
    `${root}/dist/page/try/index.html`,
    page({
      TITLE: 'Try a seccomp profile',
      SUMMARY: 'Paste a seccomp profile and see what it lets through.',
      DATA: '',
      STYLE: style,
      SCRIPT: await bundle(`${root}/src/report/page/try-page.ts`),
    }),
  );
}

function page(parts) {
  const policy = [
    "default-src 'none'",
    `script-src '${digest(parts.SCRIPT)}'`,
    `style-src '${digest(parts.STYLE)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return template.replace(/TITLE|STYLE|SUMMARY|DATA|SCRIPT|POLICY/g, (name) =>
    name === 'POLICY' ? policy : parts[name],
  );
}

function digest(text) {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

async function bundle(input) {
  const build = await rolldown({ input, platform: 'browser', logLevel: 'silent' });
  const { output } = await build.generate({
    format: 'esm',
    codeSplitting: false,
    minify: true,
    comments: false,
  });
  await build.close();
  const [{ code, imports }] = output;
  if (imports.length > 0 || output.length > 1) throw new Error(`the page would load ${imports.join(', ')}`);
  if (/<!--|<\/script/i.test(code)) throw new Error('the script would end its element');
  return code.trim();
}

/** Without comments and the white space that means nothing. */
function shorten(css) {
  return css
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};,]) ?/g, '$1')
    .trim();
}
