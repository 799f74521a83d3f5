// Files can be read, and nothing can be opened for writing: SCMP_CMP_MASKED_EQ on the flags of open and openat.
//
// The mask comes first (`value`), then what the masked flags must equal (`valueTwo`): the access mode is a number in
// the two bits of O_ACCMODE, so O_RDONLY, which is 0, cannot be tested as a bit. There is one rule for each forbidden
// mode: all comparisons of one rule must hold together, but each rule applies on its own. O_RDONLY with O_TRUNC empties
// a file, and with O_CREAT it makes one. So there are two more rules.
//
// Other ways around them: creat(2) is open(2) for writing. openat2(2) has its flags in memory, where no filter can
// look, and io_uring opens files without a system call. Both get ENOSYS, and programs then use openat. (A ring that
// Node already has stays; node-needs.mjs says when it has one.)
//
// The rest is allowed, so this is no sandbox, but it needs no list of what Node needs. `threads: 'all'` also binds the
// threads that fs.promises works on.
//
// Prints:
//   read: done
//   read, asynchronously: done
//   write: EACCES
//   append: EACCES
//   truncate: EACCES
//   create: EACCES
//   write, asynchronously: EACCES
import { closeSync, constants, openSync, promises, readFileSync } from 'node:fs';
import { allow, errno, Filter } from 'oci-seccomp/libseccomp';

const { O_CREAT, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = constants;
const O_ACCMODE = 0o3; // asm-generic/fcntl.h

const filter = new Filter(allow());
for (const [call, index] of [
  ['open', 1],
  ['openat', 2],
]) {
  const deny = (mask, bits) =>
    filter.addRule(errno('EACCES'), call, [{ index, op: 'SCMP_CMP_MASKED_EQ', value: mask, valueTwo: bits }]);
  deny(O_ACCMODE, O_WRONLY);
  deny(O_ACCMODE, O_RDWR);
  deny(O_ACCMODE, O_WRONLY | O_RDWR); // no access mode by POSIX; Linux takes it for ioctl only
  deny(O_TRUNC, O_TRUNC);
  deny(O_CREAT, O_CREAT);
}
filter.addRule(errno('EACCES'), 'creat');
for (const call of ['openat2', 'io_uring_setup']) filter.addRule(errno('ENOSYS'), call);
filter.load({ threads: 'all' });
filter.release();

const attempt = async (what, work) => {
  try {
    await work();
    console.log(`${what}: done`);
  } catch ({ code }) {
    console.log(`${what}: ${code}`);
  }
};
const open = (flags) => () => closeSync(openSync(process.argv[2] ?? '/dev/null', flags));

await attempt('read', () => readFileSync('/etc/passwd'));
await attempt('read, asynchronously', () => promises.readFile('/etc/passwd'));
await attempt('write', open(O_WRONLY));
await attempt('append', open('a'));
await attempt('truncate', open(O_RDONLY | O_TRUNC));
await attempt('create', open(O_RDONLY | O_CREAT));
await attempt('write, asynchronously', () => promises.writeFile('/dev/null', ''));
