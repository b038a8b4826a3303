import type { Log } from '../src/log.ts';
import type { Screen } from './screen.ts';

/**
 * What the service logs, as far as a person in front of it has to know: warnings and errors, in one line each. The
 * same trouble, met again by every function that runs into it, is said once a minute.
 */
const AGAIN_MS = 60_000;

export function screenLog(screen: Screen, clock: () => number): Log {
  const saidAt = new Map<string, number>();
  return (level, message) => {
    if (level !== 'error' && level !== 'warning') return;
    const line = firstLine(message);
    const now = clock();
    if (now - (saidAt.get(line) ?? 0) < AGAIN_MS) return;
    for (const [text, at] of saidAt) if (now - at >= AGAIN_MS) saidAt.delete(text);
    saidAt.set(line, now);
    const time = new Date(now).toTimeString().slice(0, 8);
    const colour = level === 'error' ? 'red' : 'yellow';
    screen.say(`${screen.paint('dim', time)}  ${screen.paint(colour, level)}  ${line}`);
  };
}

/** Without the stack that the host appends: it says what failed in its first line. */
const firstLine = (message: string): string => message.split('\n', 1)[0]!;
