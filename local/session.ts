import type { Environment } from '../src/config.ts';
import type { DemoOptions } from './demo.ts';
import type { DriftlessOptions } from './driftless.ts';
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
  readonly log: DriftlessOptions['log'];
  /** The settings that say how and to whom the service tells of itself, whichever store it mirrors. */
  readonly told: Environment;
  /** Aborted when the person has had enough. */
  readonly signal: AbortSignal;
}
