/** Texts that nearly are profiles in a language of their own, and what their readers do with them. */
import { describe, expect, it } from 'vitest';
import { readProfile, readProfiles } from '../../../src/oci/index.ts';

const codes = (text: string) => readProfile(text).problems.map(({ code }) => code);

describe('a byte-order mark', () => {
  // lxc-execute 5.0.2 with such a policy: "seccomp.c:parse_config:1110 - Invalid version".
  it.each(['2\nallowlist\nread\n', '2\ndenylist\nmount kill\n'])(
    'is refused before %j, as LXC does',
    async (text) => {
      expect(readProfile(text).profile).toBeDefined();
      for (const marked of [`\ufeff${text}`, Buffer.from(`\ufeff${text}`)]) {
        const [found] = await readProfiles(marked);
        expect(found?.problems.map(({ code, message }) => [code, /byte-order mark/.test(message)])).toEqual([
          ['invalid-policy', true],
        ]);
      }
    },
  );

  // conf-parser.c config_parse() skips it.
  it('is skipped before a unit, as systemd does', () => {
    const unit = '[Service]\nSystemCallFilter=read write\n';
    expect(readProfile(`\ufeff${unit}`).profile?.rules.length).toBe(readProfile(unit).profile?.rules.length);
  });
});

describe('marks of templates', () => {
  it.each([
    '{"defaultAction": {{ .Values.action }}}',
    '{{ if .b }}{"defaultAction": "SCMP_ACT_ALLOW"}{{ end }}',
    '{"syscalls": [{% for x in y %}"a",{% endfor %}]}',
    '\ufeff{"defaultAction": {{ action }}}',
  ])('make a template of %s', (text) => {
    expect(codes(text)).toEqual(['foreign-file']);
  });

  it.each([
    '{"defaultAction": "SCMP_ACT_ALLOW", "comment": "{{.b}}",}',
    '{"comment": "{{.b}}" "defaultAction": "SCMP_ACT_ALLOW"}',
    '{"comment": "{{.b}}", "syscalls": [',
  ])('leave broken JSON broken JSON: %s', (text) => {
    expect(codes(text)).not.toContain('foreign-file');
    expect(codes(text).length).toBeGreaterThan(0);
  });
});
