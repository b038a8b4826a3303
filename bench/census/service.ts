/**
 * Driftless as a process that is measured, and made to be killed: the local host on the directory of its only argument,
 * configured by its environment. It tells its parent where its door is and, turn by turn, what it has used so far, so
 * that a kill loses the count of one turn at most. It ends with its parent.
 */
import { join } from 'node:path';
import { startDriftless } from '../../local/driftless.ts';
import { countStatements } from './statements.ts';

const [dataDir] = process.argv.slice(2);
if (dataDir === undefined || process.send === undefined)
  throw new Error('Fork this program, with a data directory as its argument.');
const send = process.send.bind(process);

process.once('disconnect', () => process.exit(1));
let told = true;
const statements = countStatements(join(dataDir, 'driftless.db'), () => {
  if (told) setImmediate(tell);
  told = false;
});
function tell(): void {
  told = true;
  if (process.connected) send({ executed: statements.executed, peakKib: process.resourceUsage().maxRSS });
}

const stopping = new AbortController();
const driftless = await startDriftless({
  env: process.env,
  dataDir,
  timers: true,
  log: (level, message) => {
    if (level === 'error') console.error(message);
  },
  webhooksToHost: false,
  signal: stopping.signal,
});
statements.tellApart(driftless.service.database);
process.once('SIGTERM', async () => {
  stopping.abort();
  await driftless.stop();
  process.exit(0);
});
const { url, functionKey } = driftless.host;
send({ url, functionKey });
tell();
