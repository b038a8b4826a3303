import { pathToFileURL } from 'node:url';
import { collect } from '../../local/host/core.ts';

/**
 * Loads a packaged app as the worker does, in a process of its own that has nothing else in it: what `main` of its
 * package.json names is imported, with `@azure/functions-core` put into the process before. Prints one line of JSON:
 * what was registered, how long the import took (on the clock, and in processor time) and how large the process is
 * then. Further arguments are files that are imported afterwards.
 */
const [entry = '', ...others] = process.argv.slice(2);
const startedAt = performance.now();
const before = process.cpuUsage();
const app = await collect(
  () => import(pathToFileURL(entry).href),
  () => {},
);
const importMs = performance.now() - startedAt;
const { user, system } = process.cpuUsage(before);
const rssBytes = process.memoryUsage.rss();
for (const file of others) await import(pathToFileURL(file).href);
const functions = [...app.functions.values()].map(({ name, trigger, retry }) => ({ name, trigger, retry }));
process.stdout.write(
  `${JSON.stringify({ importMs, cpuMs: (user + system) / 1_000, rssBytes, functions })}\n`,
);
