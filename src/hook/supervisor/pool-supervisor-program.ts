/**
 * A supervisor of an agent: as supervisor-program.ts, for one container after another.
 * @module
 */
import { servePool } from './serve-request.ts';

servePool();
