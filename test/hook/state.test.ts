/**
 * The states that runtimes wrote, and what is refused. The good ones were seen: runc 1.1.5 and crun 1.8.1 and 1.28.
 */
import { describe, expect, it } from 'vitest';
import { OciSeccompError } from '../../src/errors.ts';
import { readState } from '../../src/hook/container-state.ts';
import { requireKeysOnce } from '../../src/hook/state-keys.ts';

const good = {
  ociVersion: '1.0.2-dev',
  id: 'web',
  status: 'creating',
  pid: 7429,
  bundle: '/run/web',
  annotations: { 'a.b': 'c' },
};

function read(value: unknown) {
  const input = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  const state = readState(input);
  requireKeysOnce(input);
  return state;
}

describe('a container state', () => {
  it.each([
    ['runc', good, 'creating'],
    [
      'crun, with keys of its own',
      { ...good, ociVersion: '1.0', status: 'created', root: 'rootfs' },
      'created',
    ],
    ['crun 1.28, with escaped slashes', JSON.stringify(good).replaceAll('/', '\\/'), 'creating'],
    ['no annotations', { ...good, annotations: undefined }, 'creating'],
    ['annotations null', { ...good, annotations: null }, 'creating'],
    [
      'a text that reads like keys',
      { ...good, annotations: { pid: '","pid":{', Pid: '\\"pid":' } },
      'creating',
    ],
    ['a text of half a megabyte', { ...good, annotations: { a: '"'.repeat(500_000) } }, 'creating'],
    [
      'an unknown key that is deep',
      JSON.stringify(good).replace('{', `{"x":${'['.repeat(300_000)}${']'.repeat(300_000)},`),
      'creating',
    ],
  ])('is read as written by %s', (_, value, status) => {
    expect(read(value)).toMatchObject({ id: 'web', pid: 7429, bundle: '/run/web', status });
  });

  it('keeps annotations whose names mean something to objects', () => {
    const { annotations } = read(
      '{"ociVersion":"1","id":"a","status":"created","pid":2,"bundle":"/","annotations":{"__proto__":"x","constructor":"y"}}',
    );
    expect([...annotations]).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });

  it.each([
    ['nothing but blanks', '  ', 'is not JSON'],
    ['a broken text', '{"id":', 'is not JSON'],
    ['bytes that are no text', Buffer.from([0x7b, 0xff, 0x7d]), 'is not JSON in UTF-8'],
    ['a list', '[]', 'not a JSON object'],
    ['null', 'null', 'not a JSON object'],
    [
      'a value that is deeper than what can be printed',
      JSON.stringify({ ...good, id: 0 }).replace(
        '"id":0',
        `"id":${'['.repeat(300_000)}${']'.repeat(300_000)}`,
      ),
      '"id" must be 1 to 1024 characters without control characters; not a list',
    ],
    // What crun 1.8.1 writes for a config.json with the annotation twice. It reads the first one itself.
    [
      'an annotation that is given twice',
      JSON.stringify(good).replace('"a.b":"c"', '"a.b":"c","a.b":"d"'),
      'the container state has the key "a.b" twice',
    ],
    ['a key twice', JSON.stringify(good).replace('"pid"', '"pid":2,"pid"'), 'has the key "pid" twice'],
    ['a key in two letter cases', { ...good, Pid: 2 }, 'has the key "Pid" twice'],
    [
      'a key twice, once with an escape',
      JSON.stringify(good).replace('"pid"', '"p\\u0069d":2,"pid"'),
      'has the key "pid" twice',
    ],
    ['a key with a long s, as Go takes it', { ...good, ſtatus: 'created' }, 'has the key "ſtatus" twice'],
    ['no version', { ...good, ociVersion: undefined }, '"ociVersion" must be a string; it is missing'],
    ['no id', { ...good, id: undefined }, '"id"'],
    ['an empty id', { ...good, id: '' }, '"id"'],
    ['an id that would write log lines', { ...good, id: 'web\nresult' }, '"id"'],
    ['an id without end', { ...good, id: 'x'.repeat(1025) }, '"id"'],
    [
      'a running container',
      { ...good, status: 'running' },
      '"status" must be "creating" or "created"; not "running"',
    ],
    ['no pid', { ...good, pid: undefined }, '"pid"'],
    ['pid 0, which crun writes inside the container', { ...good, pid: 0 }, '"pid"'],
    ['pid 1, which runc writes inside the container', { ...good, pid: 1 }, '"pid"'],
    ['a negative pid, which is a process group', { ...good, pid: -7429 }, '"pid"'],
    ['half a pid', { ...good, pid: 7.5 }, '"pid"'],
    ['a pid as text', { ...good, pid: '7429' }, '"pid"'],
    ["a pid beyond the kernel's", { ...good, pid: 4_194_305 }, '"pid"'],
    ['a relative bundle', { ...good, bundle: 'web' }, '"bundle" must be an absolute path; not "web"'],
    // What runc 1.1.5 writes for a folder named 'b' and a byte 0xff: a bundle beside it may have that name.
    ['a bundle that is not UTF-8', { ...good, bundle: '/run/b\ufffd' }, '"bundle" must be a path in UTF-8'],
    [
      'half of a surrogate pair in a bundle, which becomes the same',
      { ...good, bundle: '/run/b\ud800' },
      '"bundle" must be a path in UTF-8',
    ],
    ['a bundle with a NUL', { ...good, bundle: '/run/\0web' }, '"bundle"'],
    ['a list of annotations', { ...good, annotations: ['a'] }, '"annotations" must be an object'],
    [
      'an annotation that is a number',
      { ...good, annotations: { 'a\n': 1 } },
      'the annotation "a\\n" must be a string; not 1',
    ],
  ])('is refused: %s', (_, value, message) => {
    const attempt = (): unknown => (Buffer.isBuffer(value) ? readState(value) : read(value));
    expect(attempt).toThrow(OciSeccompError);
    expect(attempt).toThrow(message);
    try {
      attempt();
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_HOOK' });
      // It is shown on a terminal and written to logs.
      expect((error as Error).message).not.toMatch(/\p{Cc}/u);
      expect((error as Error).message.length).toBeLessThan(300);
    }
  });
});
