import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What CommonJS packages expect to find around them, put into the bundle wherever one of them asks for it. */
export const __filename = fileURLToPath(import.meta.url);
export const __dirname = dirname(__filename);
