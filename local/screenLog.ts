import type { DriftlessOptions } from './driftless.ts';
import type { Screen } from './screen.ts';

/**
 * What the service logs. As JSON it is every line in its documented form, for whoever collects it. As text it is what
 * a person in front of it has to know: warnings and errors, in one line each; the same trouble, met again by every
 * function that runs into it, is said once a minute.
 */
const AGAIN_MS = 60_000;

export function screenLog(screen: Screen): DriftlessOptions['log'] {
  const saidAt = new Map<string, number>();
  return (format) => (entry, now) => {
    if (format === 'json') return screen.say(JSON.stringify(entry));
    if (entry.level === 'Information') return;
    const line = firstLine(entry.message);
    if (now - (saidAt.get(line) ?? 0) < AGAIN_MS) return;
    for (const [text, at] of saidAt) if (now - at >= AGAIN_MS) saidAt.delete(text);
    saidAt.set(line, now);
    const time = new Date(now).toTimeString().slice(0, 8);
    const colour = entry.level === 'Error' ? 'red' : 'yellow';
    screen.say(`${screen.paint('dim', time)}  ${screen.paint(colour, entry.level.toLowerCase())}  ${line}`);
  };
}

/** Without the stack that the host appends: it says what failed in its first line. */
const firstLine = (message: string): string => message.split('\n', 1)[0]!;
