import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';

/**
 * Where a person looks. On a terminal a picture stands at the end and is drawn over, and what is said goes above
 * it; elsewhere there is no picture and what is said is all. Everything goes to stderr: stdout is for results.
 */
export interface Screen {
  /** Stays. */
  say(line: string): void;
  /** Replaces the picture; where there is none, nothing. */
  show(picture: readonly string[]): void;
  /** The picture stays as it is. */
  close(): void;
  readonly paint: Paint;
}

/** Colours and weights, where the terminal has them and NO_COLOR does not forbid it. */
export type Paint = (style: 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan', text: string) => string;

export function openScreen(stream: NodeJS.WriteStream): Screen {
  // A terminal that was closed, or a pipe, hears nothing more; the work goes on.
  stream.on('error', () => {});
  const update = stream.isTTY ? createLogUpdate(stream) : null;
  let picture = '';
  return {
    say: (line) => {
      if (picture !== '') update?.clear();
      stream.write(`${line}\n`);
      if (picture !== '') update?.(picture);
    },
    show: (lines) => {
      picture = lines.join('\n');
      update?.(picture);
    },
    close: () => {
      if (picture !== '') update?.done();
      picture = '';
    },
    paint: (style, text) => styleText(style, text, { stream }),
  };
}
