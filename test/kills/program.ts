/**
 * Driftless as a process that is made to be killed: the local host as `npm start` runs it, on the directory of its
 * only argument, configured by its environment. It tells its parent where its door is, and ends with its parent.
 */
import { connect } from '../../local/connecting.ts';
import { startDriftless } from '../../local/driftless.ts';

const [dataDir] = process.argv.slice(2);
if (dataDir === undefined || process.send === undefined)
  throw new Error('Fork this program, with a data directory as its argument.');

process.once('disconnect', () => process.exit(1));
const stopping = new AbortController();
const { signal } = stopping;

const driftless = await startDriftless({
  env: process.env,
  dataDir,
  timers: true,
  log: () => (line) => {
    if (line.level === 'Error') console.error(line.message);
  },
  webhooksToHost: true,
  signal,
});
process.once('SIGTERM', async () => {
  stopping.abort();
  await driftless.stop();
  process.exit(0);
});
const { url, functionKey } = driftless.host;
process.send({ url, functionKey });
await connect({ service: driftless.service, say: console.error, signal }).catch((error: unknown) => {
  if (!signal.aborted) throw error;
});
