/**
 * Rows of calls about sockets.
 * @module
 */
import { type FieldRow, row } from './field-row.ts';
import type { NameSetId } from './name-sets.generated.ts';

const types: readonly NameSetId[] = ['socketTypes', 'socketTypeFlags'];
const internet = { index: 0, names: ['AF_INET', 'AF_INET6'] };
const sockopt = 'getsockopt setsockopt';
const levels: readonly NameSetId[] = ['socketLevel', 'internetProtocols', 'otherLevels'];
const optionReason = 'options that need no privilege have had bugs';

export const networkRows = (): readonly FieldRow[] => [
  row(
    'socket 0 domain',
    'enum',
    ['families'],
    'AF_VSOCK, AF_ALG, AF_PACKET, AF_NETLINK reach past the container',
  ),
  row('socketpair 0 domain', 'enum', ['families'], 'only a few families have pairs'),
  row('socket socketpair 1 type', 'enum+flags', types, 'SOCK_RAW and SOCK_PACKET; numbers differ on MIPS', {
    enumMask: 0xf,
  }),
  row(
    'socket 2 protocol',
    'enum',
    ['internetProtocols'],
    'IPPROTO_SCTP, IPPROTO_MPTCP and other rare protocols',
    { when: internet },
  ),
  row('socket 2 protocol', 'enum', ['netlinkProtocols'], 'NETLINK_AUDIT and others of the kernel', {
    when: { index: 0, names: ['AF_NETLINK'] },
  }),
  row('accept4 3 flags', 'flags', ['socketTypeFlags'], 'closing on execve'),
  row(`${sockopt} 1 level`, 'enum', levels, optionReason),
  row(`${sockopt} 2 optname`, 'enum', ['socketOptions', 'timedSocketOptions'], optionReason, {
    when: { index: 1, names: ['SOL_SOCKET'] },
  }),
  row(`${sockopt} 2 optname`, 'enum', ['ipOptions'], optionReason, {
    when: { index: 1, names: ['IPPROTO_IP'] },
  }),
  row(`${sockopt} 2 optname`, 'enum', ['ipv6Options'], optionReason, {
    when: { index: 1, names: ['IPPROTO_IPV6'] },
  }),
  row(`${sockopt} 2 optname`, 'enum', ['tcpOptions'], 'TCP_ULP, TCP_REPAIR', {
    when: { index: 1, names: ['IPPROTO_TCP'] },
  }),
  row(
    'sendto recvfrom send recv sendmmsg recvmmsg recvmmsg_time64 3 flags',
    'flags',
    ['messageFlags'],
    'MSG_ZEROCOPY, MSG_OOB',
  ),
  row('sendmsg recvmsg 2 flags', 'flags', ['messageFlags'], 'MSG_ZEROCOPY, MSG_OOB'),
  row('shutdown 1 how', 'enum', ['shutdownHow'], 'which direction'),
  row(
    'socketcall 0 call',
    'enum',
    ['socketCalls'],
    'the call it stands for; its arguments are behind a pointer',
  ),
];
