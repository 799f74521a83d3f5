/**
 * What a hook and its supervisor say to each other, and what an agent is told.
 */
import { describe, expect, it } from 'vitest';
import { OciSeccompError } from '../../src/errors.ts';
import { containerProcessState } from '../../src/hook/supervisor/process-state.ts';
import {
  decodeAnswer,
  decodeEnd,
  decodeRequest,
  encodeAnswer,
  encodeFailure,
  encodeRequest,
  type SuperviseRequest,
} from '../../src/hook/supervisor/supervisor-protocol.ts';

const request: SuperviseRequest = {
  pid: 12,
  startTime: '34',
  program: Uint8Array.of(6, 0, 0, 0, 0, 0, 255, 127),
  flags: 2,
  noNewPrivileges: 'auto',
  allowUnverified: false,
  listener: { path: '/run/agent', message: '{"a":"ü\n"}' },
  containerId: 'a b',
  log: { file: '/var/log/x', syslog: true },
};

describe('the supervisor', () => {
  it('is sent a request in one line, and reads what was sent', () => {
    const line = encodeRequest(request);
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(decodeRequest(line)).toEqual(request);
  });

  it.each([
    'pid',
    'startTime',
    'program',
    'flags',
    'noNewPrivileges',
    'allowUnverified',
    'containerId',
    'log',
  ])('refuses a request without %s', (key) => {
    const value = { ...JSON.parse(encodeRequest(request)) };
    delete value[key];
    expect(() => decodeRequest(JSON.stringify(value))).toThrow(expect.objectContaining({ code: 'ERR_HOOK' }));
  });

  it('answers with a count of threads, or with an error that keeps its code and hint', () => {
    expect(decodeAnswer(encodeAnswer({ threads: 7 }))).toEqual({ threads: 7 });
    const error = new OciSeccompError('ERR_KERNEL', 'no', { hint: 'do', details: { pid: 1 } });
    expect(() => decodeAnswer(encodeFailure(error))).toThrow(
      expect.objectContaining({ code: 'ERR_KERNEL', message: 'no', hint: 'do', details: { pid: 1 } }),
    );
    expect(() => decodeAnswer(encodeFailure(new TypeError('odd')))).toThrow(
      expect.objectContaining({ code: 'ERR_HOOK', message: 'TypeError: odd' }),
    );
  });

  it.each(['{"code":1}', 'null', '7', '[]', '', '{"threads":'])('does not answer with %j', (line) => {
    expect(() => decodeAnswer(`${line}\n`)).toThrow(expect.objectContaining({ code: 'ERR_HOOK' }));
    expect(decodeEnd(`${line}\n`)).toBeUndefined();
  });
});

describe('the container process state', () => {
  const state = { ociVersion: '1.0.2-dev', id: 'x', status: 'creating', pid: 3, bundle: '/b' };
  // The bytes that runc 1.1.5 sent for such containers.
  it.each([
    [
      state,
      undefined,
      '{"ociVersion":"1.0.2-dev","fds":["seccompFd"],"pid":3,"state":{"ociVersion":"1.0.2-dev","id":"x","status":"creating","pid":3,"bundle":"/b"}}',
    ],
    [
      { ...state, annotations: { 'a.b': 'x<y&"é' } },
      'meta <data>',
      '{"ociVersion":"1.0.2-dev","fds":["seccompFd"],"pid":3,"metadata":"meta \\u003cdata\\u003e","state":{"ociVersion":"1.0.2-dev","id":"x","status":"creating","pid":3,"bundle":"/b","annotations":{"a.b":"x\\u003cy\\u0026\\"é"}}}',
    ],
    // The order is that of Go 1.19's encoding/json.
    [
      { ...state, annotations: { 10: 'a', 9: 'b', '-': 'c', '\u{10000}': 'd', '\uffee': 'e' } },
      '',
      '{"ociVersion":"1.0.2-dev","fds":["seccompFd"],"pid":3,"state":{"ociVersion":"1.0.2-dev","id":"x","status":"creating","pid":3,"bundle":"/b","annotations":{"-":"c","10":"a","9":"b","\uffee":"e","\u{10000}":"d"}}}',
    ],
  ])('is what runc sends', (given, metadata, text) => {
    expect(containerProcessState(given, metadata)).toBe(text);
  });

  it('has no annotations where a runtime writes null', () => {
    expect(containerProcessState({ ...state, annotations: null }, '')).toBe(containerProcessState(state, ''));
  });
});
