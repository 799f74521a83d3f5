import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BundleChange, changeBundleConfig, readBundleConfig } from '../../src/hook/bundle-config.ts';

const change = (text: string, what: BundleChange): string =>
  changeBundleConfig(readBundleConfig(text, 'config.json'), what);

describe('a change of config.json', () => {
  const seccomp = '{"x":1}';
  it.each([
    ['a bundle without linux', '{"a":1}', { seccomp }, '{"linux":{"seccomp":{"x":1}},"a":1}'],
    ['an empty bundle', '{}', { seccomp }, '{"linux":{"seccomp":{"x":1}}}'],
    ['linux null', '{ "linux": null }', { seccomp }, '{ "linux": {"seccomp":{"x":1}} }'],
    ['linux empty', '{"linux":{ }}', { seccomp }, '{"linux":{"seccomp":{"x":1} }}'],
    ['no seccomp', '{"linux":{"a":[]}}', { seccomp }, '{"linux":{"seccomp":{"x":1},"a":[]}}'],
    ['seccomp null', '{"linux":{"seccomp":null}}', { seccomp }, '{"linux":{"seccomp":{"x":1}}}'],
    [
      'seccomp',
      '{"linux":{"seccomp": {"y":{}} ,"z":1}}',
      { seccomp },
      '{"linux":{"seccomp": {"x":1} ,"z":1}}',
    ],
    ['taking the only key', '{"linux":{ "seccomp":{} }}', { seccomp: undefined }, '{"linux":{  }}'],
    ['taking the first', '{"linux":{"seccomp":{}, "b":2}}', { seccomp: undefined }, '{"linux":{"b":2}}'],
    ['taking the last', '{"linux":{"a":1, "seccomp":{} }}', { seccomp: undefined }, '{"linux":{"a":1 }}'],
    ['taking what is not there', '{"a":1}', { seccomp: undefined }, '{"a":1}'],
    ['taking null', '{"linux":null}', { seccomp: undefined }, '{"linux":null}'],
    [
      'both, neither there',
      '{}',
      { seccomp, annotations: { k: 'v"' } },
      '{"linux":{"seccomp":{"x":1}},"annotations":{"k":"v\\""}}',
    ],
    [
      'annotations put in, taken out, replaced',
      '{"annotations":{"a":"1","b":"2","c":"3","d":"4"}}',
      { annotations: { a: undefined, c: undefined, d: undefined, b: 'x', n: 'y' } },
      '{"annotations":{"n":"y","b":"x"}}',
    ],
  ] as const)('%s', (_what, before, what, after) => {
    expect(change(before, what)).toBe(after);
  });

  it('leaves every other character, numbers beyond doubles included', () => {
    const before = `{ "ociVersion" : "1.0.2",\r\n\t"process":{"rlimits":[{"hard":18446744073709551615,"soft":1E0}]},
      "linux":{"resources":{"memory":{"limit":-9223372036854775808}},"seccomp":{"defaultAction":"SCMP_ACT_ALLOW"}},"x":"\\u00e9\\/" }\n`;
    const after = change(before, { seccomp: '{"defaultAction":"SCMP_ACT_LOG"}' });
    expect(after).toBe(before.replace('SCMP_ACT_ALLOW', 'SCMP_ACT_LOG'));
  });

  it('does what the same change of the parsed value does', () => {
    const key = fc.oneof(fc.constantFrom('a', 'b', 'c', '', '__proto__x', 'ü'), fc.string({ maxLength: 3 }));
    const text = fc.dictionary(key, fc.string({ maxLength: 4 }), { maxKeys: 5 });
    const inner = fc.dictionary(key, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
    const config = fc.record(
      {
        annotations: fc.oneof(text, fc.constant(null)),
        linux: fc.oneof(
          inner,
          fc.record({ z: inner, seccomp: fc.oneof(inner, fc.constant(null)) }),
          fc.constant(null),
        ),
        other: inner,
      },
      { requiredKeys: [] },
    );
    const changes = fc.record(
      {
        seccomp: fc.option(fc.constant('{"d":true}'), { nil: undefined }),
        annotations: fc.dictionary(key, fc.option(fc.string({ maxLength: 3 }), { nil: undefined }), {
          maxKeys: 4,
        }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(config, changes, fc.constantFrom(0, 1, '\t'), (value, what, indent) => {
        // Letter case aside, keys that are equal to Go would be refused.
        const before = JSON.stringify(value, undefined, indent);
        const after = JSON.parse(change(before, what)) as typeof value;
        expect(after).toEqual(changed(JSON.parse(before) as Record<string, never>, what));
      }),
      { numRuns: 500 },
    );
  });
});

function changed(value: Record<string, unknown>, { annotations = {}, ...rest }: BundleChange): unknown {
  const result = structuredClone(value);
  const set = (parent: string, key: string, to: unknown): void => {
    const object = (result[parent] ?? {}) as Record<string, unknown>;
    if (to === undefined) delete object[key];
    else object[key] = to;
    if (result[parent] != null || to !== undefined) result[parent] = object;
  };
  if ('seccomp' in rest)
    set('linux', 'seccomp', rest.seccomp === undefined ? undefined : JSON.parse(rest.seccomp));
  for (const [key, text] of Object.entries(annotations)) set('annotations', key, text);
  return result;
}

describe('a config.json', () => {
  const read = (text: string) => readBundleConfig(text, 'config.json');

  it('says what the container has', () => {
    const config = read(
      '{"process":{"capabilities":{"bounding":["CAP_KILL"]}},"annotations":{"a":"b"},"linux":{"seccomp":{"defaultAction":"SCMP_ACT_LOG"}}}',
    );
    expect(config).toMatchObject({ capabilities: ['CAP_KILL'], hasSeccomp: true });
    expect([...config.annotations]).toEqual([['a', 'b']]);
  });

  it.each([
    ['no process', '{}', undefined],
    ['no capabilities', '{"process":{}}', undefined],
    ['capabilities null', '{"process":{"capabilities":null}}', undefined],
    ['no bounding set', '{"process":{"capabilities":{"effective":["CAP_KILL"]}}}', []],
    ['an empty bounding set', '{"process":{"capabilities":{"bounding":[]}}}', []],
  ])('with %s', (_what, text, capabilities) => {
    expect(read(text).capabilities).toEqual(capabilities);
  });

  // runc starts the container without a filter.
  it.each(['null', '{}', '{"defaultAction":""}', '{"defaultAction":null}', '{"flags":[]}'])(
    'has no filter of its own with the section %s',
    (section) => {
      expect(read(`{"linux":{"seccomp":${section}}}`).hasSeccomp).toBe(false);
    },
  );

  it('has no NUL where a string spells one out', () => {
    expect(read('{"annotations":{"a":"\\\\u0000"}}').annotations.get('a')).toBe('\\u0000');
  });

  it.each([
    ['that is none', 'nonsense'],
    ['that is no object', '[]'],
    ['with seccomp twice', '{"linux":{"seccomp":{},"seccomp":{}}}'],
    ['with a key twice, anywhere', '{"process":{"env":[],"env":[]}}'],
    ['with a simple key twice', '{"ociVersion":"1.0.0","ociVersion":"1.1.0"}'],
    ['with linux in another letter case', '{"linux":{},"Linux":{"seccomp":null}}'],
    ['with seccomp in another letter case alone', '{"linux":{"SECCOMP":{}}}'],
    ['with a letter that Go folds', '{"linux":{"\\u017feccomp":{}}}'],
    ['with annotations in another letter case', '{"Annotations":{}}'],
    ['with process in another letter case', '{"Process":{}}'],
    ['with the bounding set in another letter case', '{"process":{"capabilities":{"Bounding":[]}}}'],
    ['with linux no object', '{"linux":[]}'],
    ['with an annotation no string', '{"annotations":{"a":1}}'],
    ['with a capability no string', '{"process":{"capabilities":{"bounding":[1]}}}'],
    ['with a section that crun passes over', '{"linux":{"seccomp":true}}'],
    [
      'with a default action in another letter case',
      '{"linux":{"seccomp":{"DefaultAction":"SCMP_ACT_LOG"}}}',
    ],
    ['with a comment', '{/**/}'],
    ['with a key that crun reads as linux', '{"linux\\u0000x":{}}'],
    [
      'with an annotation that crun reads as another',
      '{"annotations":{"run.oci.seccomp_bpf_data\\u0000":""}}',
    ],
    ['with a NUL in what is not read', '{"process":{"env":["A=\\\\\\u0000"]}}'],
  ])('%s is refused', (_what, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'ERR_HOOK' }));
  });
});
