/** Writes as many lines to the log of an agent as its argument says. */
import { createAgentLog } from '../../../src/hook/agent/agent-log.ts';

const log = createAgentLog(false);
for (let left = Number(process.argv[2]); left > 0; left -= 1) log('info', 'reloaded', { left });
