import { describe, expect, test } from 'vitest';
import { ENTITY_NAMES } from '../src/entities/registry.ts';
import { MESSAGES } from '../src/log/catalogue.ts';
import { createLog, type LogLine } from '../src/log/line.ts';
import { LANGUAGES, type Language } from '../src/log/message.ts';

/** The log: one catalogue of messages in each language, and lines in the documented form. */

const NOON = Date.parse('2024-07-24T12:00:00Z');

function logged(language: Language, write: (log: ReturnType<typeof createLog>) => void): readonly LogLine[] {
  const lines: LogLine[] = [];
  write(createLog({ clock: () => NOON, language, sinks: [(line) => lines.push(line)] }));
  return lines;
}

const completed = (language: Language, entity: (typeof ENTITY_NAMES)[number] = 'customers') =>
  logged(language, (log) =>
    log('syncCompleted', {
      StoreId: 1,
      Entity: entity,
      Kind: 'refresh',
      ProcessedCount: 150,
      ErrorCount: 0,
      Duration: 150_000,
      StartTime: NOON - 150_000,
      EndTime: NOON,
    }),
  )[0]!;

describe('a line', () => {
  test('has the documented form', () => {
    expect(JSON.stringify(completed('ja'))).toBe(
      '{"timestamp":"2024-07-24T12:00:00Z","level":"Information","logger":"CustomerSyncService",' +
        '"message":"顧客同期完了","properties":{"StoreId":1,"ProcessedCount":150,"Duration":"00:02:30",' +
        '"StartTime":"2024-07-24T11:57:30Z","EndTime":"2024-07-24T12:00:00Z","Kind":"refresh","ErrorCount":0}}',
    );
  });

  test('is in the language that was asked for, and its logger and properties are the same in each', () => {
    const [ja, en] = [completed('ja'), completed('en')];
    expect(en.message).toBe('Synchronised customers');
    expect({ ...ja, message: '' }).toEqual({ ...en, message: '' });
  });

  test('comes from the logger of its entity', () => {
    expect(ENTITY_NAMES.map((entity) => completed('ja', entity).logger).sort()).toEqual([
      'CustomerSyncService',
      'OrderSyncService',
      'ProductSyncService',
    ]);
    expect(ENTITY_NAMES.map((entity) => completed('ja', entity).message).sort()).toEqual([
      '商品同期完了',
      '注文同期完了',
      '顧客同期完了',
    ]);
  });

  test.each([
    [0, '00:00:00'],
    [999, '00:00:01'],
    [59_499, '00:00:59'],
    [3_599_600, '01:00:00'],
    [49 * 3_600_000, '49:00:00'],
    [-5_000, '00:00:00'],
  ])('%i ms are %s', (ms, text) => {
    const [line] = logged('ja', (log) =>
      log('syncCompleted', {
        ...{ StoreId: 1, Entity: 'orders', Kind: 'sweep', ProcessedCount: 0, ErrorCount: 0 },
        ...{ Duration: ms, StartTime: NOON, EndTime: NOON },
      }),
    );
    expect(line!.properties['Duration']).toBe(text);
  });

  test('says the entity in words where its logger does not, and keeps it among the properties', () => {
    const about = {
      StoreId: 1,
      Domain: 'a.myshopify.com',
      Entity: 'orders',
      Scope: 'read_all_orders',
    } as const;
    const [ja] = logged('ja', (log) => log('historyHidden', about));
    expect(ja).toMatchObject({ level: 'Warning', logger: 'StoreService', properties: about });
    expect(ja!.message).toContain('60日より古い注文を読めません');
  });

  test('takes no word of a property for one of its own places', () => {
    const [line] = logged('en', (log) =>
      log('reconciliationNotTaken', { Cause: 'it says {StoreId} and $&' }),
    );
    expect(line!.message).toBe('A reconciliation was asked for and not taken: it says {StoreId} and $&');
  });
});

describe('the catalogue', () => {
  const messages = Object.entries(MESSAGES);
  const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).sort();

  test.each(messages)(
    '%s names the same properties in each language, and only those it has',
    (_, message) => {
      const known: readonly string[] = message.properties;
      for (const language of LANGUAGES) {
        expect(message[language]).not.toBe('');
        expect(places(message[language])).toEqual(places(message.ja));
        expect(known).toEqual(expect.arrayContaining(places(message[language])));
      }
    },
  );

  test.each(messages)('%s is written in Japanese where it is Japanese', (_, { ja, en }) => {
    expect(en).not.toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/);
    // What only puts a cause behind a name needs no word of either.
    if (ja.replace(/\{\w+\}|[: ]/g, '') !== '') expect(ja).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/);
  });

  test('a message of an entity always has it', () => {
    for (const [name, { logger, properties }] of messages)
      if (logger === 'sync') expect([name, ...properties]).toContain('Entity');
  });
});
