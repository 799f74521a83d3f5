/**
 * What went wrong with a socket that has a path, in words.
 *
 * Source: unix(7), connect(2), send(2), "Errors".
 * @module
 */
import { formatErrno } from '../abi/errno.ts';
import {
  EACCES,
  EAGAIN,
  ECONNREFUSED,
  ECONNRESET,
  ENOENT,
  EPIPE,
  EPROTOTYPE,
} from '../abi/errno-constants.ts';
import { OciSeccompError } from '../errors.ts';

interface Explanation {
  readonly reason: string;
  readonly hint?: string;
}

const START = 'start the program that listens there, or name its socket';
const GONE = { reason: 'the program that listens there has closed the connection', hint: START };
const explanations: Readonly<Record<number, Explanation>> = {
  [ENOENT]: { reason: 'there is no such file', hint: START },
  [ECONNREFUSED]: { reason: 'no program listens there', hint: START },
  [EACCES]: { reason: 'permission denied' },
  [EAGAIN]: {
    reason: 'the program that listens there did not take it in time',
    hint: 'see whether that program hangs, or serves too many at once',
  },
  [EPROTOTYPE]: { reason: 'it is a socket of another type', hint: 'name one of type SOCK_STREAM' },
  [EPIPE]: GONE,
  [ECONNRESET]: GONE,
};

/** A call for a socket failed; `details: {path, call, errno}`. */
export function socketError(path: string, call: string, errno: number): OciSeccompError {
  const { reason, hint } = explanations[errno] ?? { reason: 'the kernel refuses it' };
  return new OciSeccompError('ERR_KERNEL', `the socket ${path}: ${reason}: ${call}: ${formatErrno(errno)}`, {
    ...(hint === undefined ? {} : { hint }),
    details: { path, call, errno },
  });
}
