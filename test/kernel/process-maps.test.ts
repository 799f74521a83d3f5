/**
 * Where bytes are lent: a table of memory maps.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findRoom, parseMaps } from '../../src/kernel/process-maps.ts';

const text =
  '00400000-00401000 r--p 00000000 08:01 12 /bin/probe\n00401000-00402000 r-xp 00001000 08:01 12 /bin/probe\n';
const data = '00600000-00610000 rw-p 00002000 08:01 12 /bin/probe\n';
const anonymous = '10000000-10010000 rw-p 00000000 00:00 0\n';
const shared = '20000000-20100000 rw-s 00000000 00:01 33 /dev/shm/x\n';
const kernels =
  '7ffff7ff0000-7ffff7ff4000 r--p 00000000 00:00 0 [vvar]\n7ffff7ff4000-7ffff7ff6000 r-xp 00000000 00:00 0 [vdso]\n';
const stack = '7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]\n';
const smallStack = '7fffffffd000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]\n';
const sp = 0x7fffffffe010;
const keep = { at: 0x401010, bytes: 2 };
const room = (bytes: number) => ({ bytes, stackPointer: sp, redZone: 128, keep });

describe('room for a program', () => {
  it.each([
    ['below the stack pointer and its red zone', text + data + stack, 8000, 0x7fffffffc050],
    [
      'in memory of its own when the stack is too small',
      text + data + anonymous + smallStack,
      8000,
      0x10000000,
    ],
    ['in its data when it has no other', text + data, 8000, 0x600000],
    ['in the stack itself, over what it holds', text + smallStack, 8000, 0x7fffffffd000],
    ['over its view of a file', text, 2000, 0x400000],
    ['behind the instruction that makes the call', text.slice(text.indexOf('\n') + 1), 2000, 0x401020],
    ['nowhere', text + shared + kernels, 5000, undefined],
    ['not in the instruction', text.slice(text.indexOf('\n') + 1), 4090, undefined],
  ])('is %s', (_, maps, bytes, at) => {
    expect(findRoom(parseMaps(maps), room(bytes))).toBe(at);
  });

  it('reads every line of this process', () => {
    const lines = readFileSync('/proc/self/maps', 'utf8');
    const maps = parseMaps(lines);
    expect(maps.length).toBe(lines.trim().split('\n').length);
    expect(maps.some(({ name, writable }) => name === '[stack]' && writable)).toBe(true);
    for (const { start, end } of maps) expect(end).toBeGreaterThan(start);
  });
});
