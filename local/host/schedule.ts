/**
 * NCRONTAB, the schedule language of Azure timers: `{second} {minute} {hour} {day} {month} {day of week}`, UTC.
 * The cron library knows more than Azure does (`L`, `W`, `#`, `?`, seven fields); a schedule that only works
 * here is refused here.
 */

import { Cron } from 'croner';

export interface Schedule {
  readonly text: string;
  /** The first occurrence after `timeMs`. */
  next(timeMs: number): number;
  /** Azure keeps no record of schedules that fire more than once a minute, so their missed occurrences are lost. */
  readonly everyMinuteOrLess: boolean;
}

const FIELD = /^[\d*,/-]+$/;
const NAMES = /\b(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC|SUN|MON|TUE|WED|THU|FRI|SAT)\b/gi;

/** Throws, naming the function, when Azure would not understand `text`. */
export function parseSchedule(text: string, functionName: string): Schedule {
  const fields = text.trim().split(/\s+/);
  const known = fields.length === 6 && fields.every((field) => FIELD.test(field.replace(NAMES, '0')));
  if (!known)
    throw new Error(
      `Timer "${functionName}" has the schedule "${text}". Write six fields, {second} {minute} {hour} {day} {month} ` +
        '{day of week}, of numbers, names, and * , - /',
    );
  // A day has to fit both day fields (`domAndDow`); cron's own tradition is either.
  const cron = new Cron(fields.join(' '), { mode: '6-part', timezone: 'UTC', domAndDow: true });
  const next = (timeMs: number): number => {
    const occurrence = cron.nextRun(new Date(timeMs));
    if (!occurrence)
      throw new Error(`Timer "${functionName}" has the schedule "${text}", which never occurs.`);
    return occurrence.getTime();
  };
  const first = next(0);
  return { text, next, everyMinuteOrLess: next(first) - first >= 60_000 };
}
