/**
 * What an argument's text says of its value.
 *
 * Sources: Linux 6.18 include/linux/socket.h (AF_*), include/uapi/linux/sched.h (CLONE_*),
 * include/uapi/linux/personality.h (PER_*); clone(2) (order of arguments).
 * @module
 */
import type { ArchName } from '../abi/architectures.ts';
import type { PartialArgument } from '../decision/partial.ts';
import type { TracedCall } from './trace-file.ts';

const UNKNOWN: PartialArgument = { high: undefined, low: undefined };

/** From 0 on. */
const families =
  `UNSPEC UNIX INET AX25 IPX APPLETALK NETROM BRIDGE ATMPVC X25 INET6 ROSE DECnet NETBEUI SECURITY KEY
NETLINK PACKET ASH ECONET ATMSVC RDS SNA IRDA PPPOX WANPIPE LLC IB MPLS CAN TIPC BLUETOOTH IUCV RXRPC ISDN PHONET
IEEE802154 CAIF ALG NFC VSOCK KCM QIPCRTR SMC XDP MCTP`
    .trim()
    .split(/\s+/);

const cloneFlags = {
  CLONE_NEWTIME: 0x80,
  CLONE_VM: 0x100,
  CLONE_FS: 0x200,
  CLONE_FILES: 0x400,
  CLONE_SIGHAND: 0x800,
  CLONE_PIDFD: 0x1000,
  CLONE_PTRACE: 0x2000,
  CLONE_VFORK: 0x4000,
  CLONE_PARENT: 0x8000,
  CLONE_THREAD: 0x10000,
  CLONE_NEWNS: 0x20000,
  CLONE_SYSVSEM: 0x40000,
  CLONE_SETTLS: 0x80000,
  CLONE_PARENT_SETTID: 0x100000,
  CLONE_CHILD_CLEARTID: 0x200000,
  CLONE_DETACHED: 0x400000,
  CLONE_UNTRACED: 0x800000,
  CLONE_CHILD_SETTID: 0x1000000,
  CLONE_NEWCGROUP: 0x2000000,
  CLONE_NEWUTS: 0x4000000,
  CLONE_NEWIPC: 0x8000000,
  CLONE_NEWUSER: 0x10000000,
  CLONE_NEWPID: 0x20000000,
  CLONE_NEWNET: 0x40000000,
  CLONE_IO: 0x80000000,
  SIGCHLD: 17,
} as const;

const personalities = {
  PER_LINUX: 0,
  PER_LINUX32: 8,
  UNAME26: 0x20000,
  ADDR_NO_RANDOMIZE: 0x40000,
  READ_IMPLIES_EXEC: 0x400000,
} as const;

const symbols = new Map<string, bigint>([
  ...families.flatMap((name, i) => [[`AF_${name}`, BigInt(i)] as const, [`PF_${name}`, BigInt(i)] as const]),
  ...Object.entries({ ...cloneFlags, ...personalities }).map(([name, bits]) => [name, BigInt(bits)] as const),
  ['NULL', 0n],
]);

/** Where clone's arguments stand that tracers write as `flags=`; clone(2), "C library/kernel differences". */
function clonePlaces(arch: ArchName): Readonly<Record<string, number>> {
  const swapped = arch === 's390' || arch === 's390x';
  return swapped ? { child_stack: 0, flags: 1, parent_tid: 2 } : { flags: 0, child_stack: 1, parent_tid: 2 };
}

/** The six arguments of a traced call, as far as its text tells. */
export function valuesOf({ name, args }: TracedCall, arch: ArchName): readonly PartialArgument[] {
  const values: PartialArgument[] = new Array(6).fill(UNKNOWN);
  for (const [position, text] of (args ?? []).entries()) {
    const [, label, rest = text] = /^([a-z_]+)(?:=|: )(.*)$/s.exec(text) ?? [];
    const place = name === 'clone' && label !== undefined ? clonePlaces(arch)[label] : position;
    if (place !== undefined && place < values.length) values[place] = readValue(rest);
  }
  return values;
}

/**
 * The value of one argument: numbers, known symbols, and those joined by `|`.
 *
 * Of a negative number only the low half is known: whether the register holds 64 bits of it the text does not say. What
 * is written as a string, record or list is a pointer, whose value is not shown.
 */
export function readValue(text: string): PartialArgument {
  const bare = text
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/<.*>$/s, '')
    .trim();
  const parts = bare.split('|').map((part) => numberOf(part.trim()));
  let value = 0n;
  for (const part of parts) {
    if (part === undefined) return UNKNOWN;
    value |= part;
  }
  const unsigned = BigInt.asUintN(64, value);
  const low = Number(unsigned & 0xffff_ffffn);
  return { high: value < 0n ? undefined : Number(unsigned >> 32n), low };
}

function numberOf(text: string): bigint | undefined {
  const known = symbols.get(text);
  if (known !== undefined) return known;
  const [, sign, digits] = /^(-?)(0x[0-9a-fA-F]+|\d+)$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const octal = /^0[0-7]+$/.test(digits);
  if (/^0\d/.test(digits) && !octal) return undefined;
  const size = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  return sign === '-' ? -size : size;
}
