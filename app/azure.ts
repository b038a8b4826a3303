import { logLines } from './log-lines.ts';
import { createProcess } from './process.ts';
import { registerAll } from './register.ts';

/**
 * The entry in Azure. Importing it registers every function and does nothing else: no configuration is judged, no
 * SDK is loaded, nothing is opened, so that it cannot fail where Azure would only say "0 functions found". What a
 * function needs comes with the first invocation.
 */
registerAll(createProcess(process.env, logLines(process.stdout)), process.env);
