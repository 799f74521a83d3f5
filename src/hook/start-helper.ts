import { OciSeccompError } from '../errors.ts';
import type { AttachHelper } from './attach.ts';
export async function startHelper(_container: string, _log: string | undefined): Promise<AttachHelper> {
  throw new OciSeccompError('ERR_HOOK', 'not yet');
}
