/**
 * The work of the runtime wrapper in the agent: a client asks before it becomes the real runtime.
 * @module
 */
import { OciSeccompError } from '../../errors.ts';
import { requireTrustedFiles } from '../own-files.ts';
import { readTrustedFile } from '../trusted-file.ts';
import { type Guarded, guardContainer } from '../wrapper/guard-container.ts';
import { type Identity, identifyRuntime } from '../wrapper/identify-runtime.ts';
import { readConfiguration, type WrapperConfiguration } from '../wrapper/wrapper-configuration.ts';
import { openConfigOf, workingFolderOf } from './bundle-of-peer.ts';
import { type Fitter, fileSignature, LINKER_CACHE } from './fit-in-child.ts';
import type { Peer } from './peer.ts';
import { requireSameFile } from './same-file.ts';

export interface PeerGuard {
  /**
   * Does for a client what the runtime wrapper does.
   *
   * @param words - the path of the wrapper's configuration, that of the real runtime, and the runtime's command line
   *   without its name
   * @throws OciSeccompError if the client must not become the runtime
   */
  readonly guard: (words: readonly string[], peer: Peer) => Promise<GuardedByAgent>;
  /** Forgets what runtimes said of themselves. */
  readonly forget: () => void;
}

interface GuardedByAgent extends Guarded {
  readonly isRemembered?: true;
}

/** @param linkerCache - changes when libraries of this machine are updated */
export function createGuard(
  { fitProfile }: Pick<Fitter, 'fitProfile'>,
  linkerCache = LINKER_CACHE,
): PeerGuard {
  const identities = new Map<string, { readonly signature: string; readonly identity: Identity }>();
  const identify = async (path: string, behavesAs: string | undefined, isAnew?: true): Promise<Identity> => {
    const key = JSON.stringify([path, behavesAs]);
    // Its libseccomp may be updated while its own file stays, which only it can tell.
    const signature = `${fileSignature(path)} ${fileSignature(linkerCache)}`;
    const known = identities.get(key);
    if (known !== undefined && known.signature === signature && isAnew === undefined) return known.identity;
    const identity = await identifyRuntime(path, behavesAs);
    identities.set(key, { signature, identity });
    return identity;
  };
  return {
    forget: () => identities.clear(),
    guard: async (words, peer) => {
      const [file = '', runtime = '', ...args] = words;
      const same = (path: string, what: string): void => {
        requireSameFile(peer.pid, path, what);
        peer.requireAlive();
      };
      const configuration = readConfiguration(readTrustedFile(file, 'the configuration'), file);
      same(file, 'the configuration');
      requireRuntime(configuration, runtime, file);
      requireTrustedFiles(filesOf(configuration));
      same(runtime, 'the real runtime');
      let isRemembered: true | undefined;
      const guarded = await guardContainer(args, configuration, {
        workingFolder: workingFolderOf(peer),
        identify: (isAnew) => identify(runtime, configuration.behavesAs, isAnew),
        openConfig: (path) => openConfigOf(peer, path),
        fitProfile: async (task) => {
          const fitted = await fitProfile(task);
          isRemembered = fitted.isRemembered;
          return fitted;
        },
        requireSameFile: same,
      });
      return isRemembered === undefined ? guarded : { ...guarded, isRemembered };
    },
  };
}

/** Refuses a wrapper that was written for another runtime than the configuration names: it would become that one. */
function requireRuntime({ runtime }: WrapperConfiguration, asked: string, file: string): void {
  if (runtime === asked) return;
  throw new OciSeccompError(
    'ERR_HOOK',
    `this wrapper was written for the runtime ${JSON.stringify(asked)}, but ${file} says ${JSON.stringify(runtime)}`,
    { hint: 'write it again: oci-seccomp hook wrapper' },
  );
}

function filesOf({ runtime, library }: WrapperConfiguration) {
  const own = [{ what: 'the real runtime', path: runtime }];
  return library?.includes('/') === true ? [...own, { what: 'libseccomp', path: library }] : own;
}
