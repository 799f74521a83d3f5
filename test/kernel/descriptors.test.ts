import { describe, expect, it } from 'vitest';
import { inheritedDescriptors, type OpenDescriptor } from '../../src/kernel/descriptors.ts';

const RDONLY = 0;
const WRONLY = 1;
const pipe = (fd: number, flags: number, name = 'pipe:[1]'): OpenDescriptor => ({ fd, target: name, flags });
const standard: readonly OpenDescriptor[] = [0, 1, 2].map((fd) => ({ fd, target: '/dev/null', flags: 2 }));
const eventLoop: OpenDescriptor = { fd: 5, target: 'anon_inode:[eventpoll]', flags: 2 };

describe('inheritedDescriptors', () => {
  // What Node 20, 22 and 24 open before a program runs was listed with `ls -l /proc/self/fd`: an event loop first, then its
  // pipes, each with one reading and one writing end.
  it.each<readonly [string, readonly OpenDescriptor[], readonly number[]]>([
    ['both ends of a pipe above the event loop', [pipe(6, RDONLY), pipe(7, WRONLY)], []],
    ['two writing ends', [pipe(6, WRONLY), pipe(7, WRONLY)], [6, 7]],
    ['two reading ends', [pipe(6, RDONLY), pipe(7, RDONLY)], [6, 7]],
    ['one end', [pipe(6, RDONLY)], [6]],
    ['three ends', [pipe(6, RDONLY), pipe(7, WRONLY), pipe(8, WRONLY)], [6, 7, 8]],
    ['an end on either side of the event loop', [pipe(3, RDONLY), pipe(7, WRONLY)], [3, 7]],
    ['ends of two pipes', [pipe(6, RDONLY), pipe(7, WRONLY, 'pipe:[2]')], [6, 7]],
    ['an event counter', [{ fd: 8, target: 'anon_inode:[eventfd]', flags: 2 }], []],
    ['an event counter below the event loop', [{ fd: 4, target: 'anon_inode:[eventfd]', flags: 2 }], [4]],
    ['a file', [{ fd: 9, target: '/etc/passwd', flags: 0 }], [9]],
  ])('%s', (_, descriptors, inherited) => {
    const all = [...standard, eventLoop, ...descriptors].sort((a, b) => a.fd - b.fd);
    expect(inheritedDescriptors(all)).toEqual(inherited);
  });

  it('takes all above the standard streams for inherited where there is no event loop', () => {
    expect(inheritedDescriptors([...standard, pipe(3, RDONLY), pipe(4, WRONLY)])).toEqual([3, 4]);
  });
});
