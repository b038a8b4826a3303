import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.ts';

/** `npm run build`: makes `dist/` (or the folder named), and says what is in it. */
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { outputs } = await bundle(root, join(root, process.argv[2] ?? 'dist'));
const files = Object.entries(outputs).sort(([, a], [, b]) => b.bytes - a.bytes);
for (const [file, { bytes }] of files) console.log(`${(bytes / 1_024).toFixed(0).padStart(6)} KiB  ${file}`);
