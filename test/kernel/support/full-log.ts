/**
 * A log that takes no more lines: binds its socket, writes lines to it, and then prints as JSON which have come.
 *
 * Arguments: the path of the socket, and how many lines.
 */
import { loadKoffi } from '../../../src/ffi.ts';
import { openSyslog } from '../../../src/kernel/syslog.ts';
import { AF_UNIX, socketAddress } from '../../../src/kernel/unix-socket.ts';

const SOCK_DGRAM = 2;
const MSG_DONTWAIT = 0x40;
const [path = '', count = ''] = process.argv.slice(2);
const native = loadKoffi().load(null);
const socket = native.func('socket', 'int', ['int', 'int', 'int'])(AF_UNIX, SOCK_DGRAM, 0);
const address = socketAddress(path);
native.func('bind', 'int', ['int', 'uint8_t *', 'unsigned int'])(socket, address, address.length);
const recv = native.func('recv', 'long', ['int', 'uint8_t *', 'size_t', 'int']);

const write = openSyslog('the-name', path);
for (let line = 0; line < Number(count); line += 1) write(line % 2 === 0 ? 'info' : 'error', `line ${line}`);
const lines: string[] = [];
const take = (): void => {
  const buffer = new Uint8Array(4096);
  for (;;) {
    const size = Number(recv(socket, buffer, buffer.length, MSG_DONTWAIT));
    if (size < 0) return;
    lines.push(Buffer.from(buffer.subarray(0, size)).toString('latin1'));
  }
};
take();
// There is room again.
write('info', 'the last');
take();
process.stdout.write(JSON.stringify({ pid: process.pid, lines }));
