import type { Message } from './message.ts';

/** What refreshes, sweeps and censuses log. */
export const SYNC_MESSAGES = {
  watermarkTakenBack: {
    level: 'Warning',
    logger: 'sync',
    properties: ['StoreId', 'Entity', 'JumpMs'],
    ja: '{Entity}の比較済み時刻がShopifyの現在時刻より{JumpMs}ミリ秒先でした。直近の全件照合の開始時刻に戻します',
    en: "{Entity}: the watermark was {JumpMs} ms ahead of Shopify's time: it is taken back to the latest census",
  },
  /** A refresh slice that changed rows, a sweep, or a census has come to its end. */
  syncCompleted: {
    level: 'Information',
    logger: 'sync',
    properties: [
      'StoreId',
      'Entity',
      'ProcessedCount',
      'Duration',
      'StartTime',
      'EndTime',
      'Kind',
      'ErrorCount',
    ],
    ja: '{Entity}同期完了',
    en: 'Synchronised {Entity}',
  },
  leaseLost: {
    level: 'Warning',
    logger: 'sync',
    properties: ['StoreId', 'Entity'],
    ja: '{Entity}の更新処理がリースを失いました。このバッチは読み直します',
    en: 'A refresh of {Entity} lost its lease; its batch is read again',
  },
  syncPostponed: {
    level: 'Warning',
    logger: 'sync',
    properties: ['StoreId', 'Entity', 'Kind', 'DelayMs', 'Cause'],
    ja: '{Entity}の同期を延期します: {Cause}',
    en: '{Entity} are tried again later: {Cause}',
  },
  syncRefused: {
    level: 'Error',
    logger: 'sync',
    properties: ['StoreId', 'Domain', 'Entity', 'Cause'],
    ja: '{Domain}: 対応が必要です: {Cause}',
    en: '{Domain}: {Cause}',
  },
  rowsOmitted: {
    level: 'Warning',
    logger: 'sync',
    properties: ['StoreId', 'Entity', 'Rows'],
    ja: '検索インデックスに現れない{Entity}が{Rows}件あります。IDで読み直します',
    en: 'The search index omitted {Rows} live {Entity}; they are read by id',
  },
  cursorLost: {
    level: 'Warning',
    logger: 'sync',
    properties: ['StoreId', 'Entity'],
    ja: '{Entity}の全件照合のカーソルが失効したため、IDから再開しました',
    en: 'The cursor of a census of {Entity} was lost; it went on by id',
  },
  countDiffers: {
    level: 'Warning',
    logger: 'sync',
    properties: ['StoreId', 'Entity', 'CertificateId', 'Cause'],
    ja: '{Entity}の件数がShopifyと一致しません: {Cause}',
    en: 'The count of {Entity} differs: {Cause}',
  },
  censusBlind: {
    level: 'Error',
    logger: 'sync',
    properties: ['StoreId', 'Entity', 'CertificateId', 'Cause'],
    ja: '{Entity}の全件照合が自己検査に失敗しました。証明書は何も証明しません: {Cause}',
    en: 'A census of {Entity} failed its own test, so that its certificate proves nothing: {Cause}',
  },
  burialsHeld: {
    level: 'Error',
    logger: 'sync',
    properties: ['StoreId', 'Domain', 'Entity', 'Rows', 'LiveRows'],
    ja: '{Domain}: {Entity}{LiveRows}件のうち{Rows}件が通知なしに消えました。アプリのスコープを確認し、ブレーキを解除してください',
    en: "{Domain}: {Rows} of {LiveRows} live {Entity} vanished unannounced: check the app's scopes, then release the brake",
  },
  bellNotAnswered: {
    level: 'Warning',
    logger: 'sync',
    properties: ['StoreId', 'Entity', 'Cause'],
    ja: '{Entity}を更新できませんでした。次の定期処理が呼び出します: {Cause}',
    en: 'The doorbell of {Entity} was not answered, the next tick rings again: {Cause}',
  },
  bellNotRung: {
    level: 'Warning',
    logger: 'sync',
    properties: ['StoreId', 'Entity', 'Cause'],
    ja: '{Entity}の更新を呼び出せません。次の定期処理が呼び出します: {Cause}',
    en: 'The doorbell of {Entity} was not rung, the next tick will: {Cause}',
  },
} as const satisfies Readonly<Record<string, Message>>;
