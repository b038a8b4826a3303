import type { Clock } from '../clock.ts';
import { type EntityName, entityOf } from '../entities/registry.ts';
import type { Log } from '../log.ts';
import { MESSAGES, type MessageName } from './catalogue.ts';
import type { Language, Level, Logger, PropertyName, PropertyValues } from './message.ts';

/** A line of the log as it is written, in the form that is documented for those who search it. */
export interface LogLine {
  /** `2024-07-24T12:00:00Z` */
  readonly timestamp: string;
  readonly level: Level;
  /** `CustomerSyncService` for what concerns customers, and so on for each entity; the others are in message.ts. */
  readonly logger: string;
  readonly message: string;
  readonly properties: Readonly<Record<string, string | number>>;
}

/** `at`: the time again, in milliseconds. */
export type LogSink = (line: LogLine, at: number) => void;

export const createLog =
  (deps: { readonly clock: Clock; readonly language: Language; readonly sinks: readonly LogSink[] }): Log =>
  (name, properties) => {
    const at = deps.clock();
    const line = lineOf(at, deps.language, name, properties);
    for (const sink of deps.sinks) sink(line, at);
  };

type Given = Partial<PropertyValues>;

function lineOf(at: number, language: Language, name: MessageName, given: Given): LogLine {
  const { level, logger, properties, [language]: text } = MESSAGES[name];
  const shown: Record<string, string | number> = {};
  for (const property of properties) {
    const value = written(property, given);
    // An entity's own logger says which it is.
    if (value !== undefined && !(property === 'Entity' && logger === 'sync')) shown[property] = value;
  }
  const inWords = (placeholder: string, property: string): string =>
    property === 'Entity' && given.Entity !== undefined
      ? entityOf(given.Entity).called[language]
      : String(shown[property] ?? placeholder);
  return {
    timestamp: timeText(at),
    level,
    logger: loggerName(logger, given.Entity),
    message: text.replace(/\{(\w+)\}/g, inWords),
    properties: shown,
  };
}

function written(property: PropertyName, given: Given): string | number | undefined {
  const value = given[property] ?? undefined;
  if (typeof value !== 'number') return value;
  if (property === 'Duration') return durationText(value);
  return property === 'StartTime' || property === 'EndTime' ? timeText(value) : value;
}

/** `customers` → `CustomerSyncService` */
const loggerName = (logger: Logger, entity: EntityName | undefined): string =>
  logger === 'sync' && entity !== undefined ? `${entityOf(entity).type}SyncService` : logger;

/** Whole seconds, as documented; what is exported beside it has the milliseconds. */
const timeText = (ms: number): string => `${new Date(ms).toISOString().slice(0, -5)}Z`;

/** `00:02:30`; days are hours: `49:00:00`. */
function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
