/**
 * Rows of calls about sockets.
 * @module
 */
import { type FieldRow, row } from './field-row.ts';
import type { NameSet, NameSets } from './name-sets.ts';

const types = (n: NameSets): readonly NameSet[] => [n.socketTypes, n.socketTypeFlags];
const internet = { index: 0, names: ['AF_INET', 'AF_INET6'] };
const sockopt = 'getsockopt setsockopt';
const levels = (n: NameSets): readonly NameSet[] => [n.socketLevel, n.internetProtocols, n.otherLevels];
const optionReason = 'options that need no privilege have had bugs';

export const networkRows = (n: NameSets): readonly FieldRow[] => [
  row(
    'socket 0 domain',
    'enum',
    [n.families],
    'AF_VSOCK, AF_ALG, AF_PACKET, AF_NETLINK reach past the container',
  ),
  row('socketpair 0 domain', 'enum', [n.families], 'only a few families have pairs'),
  row(
    'socket socketpair 1 type',
    'enum+flags',
    types(n),
    'SOCK_RAW and SOCK_PACKET; numbers differ on MIPS',
    {
      enumMask: 0xf,
    },
  ),
  row(
    'socket 2 protocol',
    'enum',
    [n.internetProtocols],
    'IPPROTO_SCTP, IPPROTO_MPTCP and other rare protocols',
    { when: internet },
  ),
  row('socket 2 protocol', 'enum', [n.netlinkProtocols], 'NETLINK_AUDIT and others of the kernel', {
    when: { index: 0, names: ['AF_NETLINK'] },
  }),
  row('accept4 3 flags', 'flags', [n.socketTypeFlags], 'closing on execve'),
  row(`${sockopt} 1 level`, 'enum', levels(n), optionReason),
  row(`${sockopt} 2 optname`, 'enum', [n.socketOptions, n.timedSocketOptions], optionReason, {
    when: { index: 1, names: ['SOL_SOCKET'] },
  }),
  row(`${sockopt} 2 optname`, 'enum', [n.ipOptions], optionReason, {
    when: { index: 1, names: ['IPPROTO_IP'] },
  }),
  row(`${sockopt} 2 optname`, 'enum', [n.ipv6Options], optionReason, {
    when: { index: 1, names: ['IPPROTO_IPV6'] },
  }),
  row(`${sockopt} 2 optname`, 'enum', [n.tcpOptions], 'TCP_ULP, TCP_REPAIR', {
    when: { index: 1, names: ['IPPROTO_TCP'] },
  }),
  row(
    'sendto recvfrom send recv sendmmsg recvmmsg recvmmsg_time64 3 flags',
    'flags',
    [n.messageFlags],
    'MSG_ZEROCOPY, MSG_OOB',
  ),
  row('sendmsg recvmsg 2 flags', 'flags', [n.messageFlags], 'MSG_ZEROCOPY, MSG_OOB'),
  row('shutdown 1 how', 'enum', [n.shutdownHow], 'which direction'),
  row(
    'socketcall 0 call',
    'enum',
    [n.socketCalls],
    'the call it stands for; its arguments are behind a pointer',
  ),
];
