import type { Log } from '../src/log.ts';
import type { DemoOptions } from './demo.ts';
import type { Screen } from './screen.ts';

/** What was asked for on the command line. */
export interface Options extends DemoOptions {
  readonly once: boolean | undefined;
  readonly demo: boolean | undefined;
  /** Directory of everything that is kept. */
  readonly data: string;
}

/** One run of the program, in front of one person. */
export interface Session {
  readonly options: Options;
  readonly screen: Screen;
  readonly log: Log;
  /** Aborted when the person has had enough. */
  readonly signal: AbortSignal;
}
