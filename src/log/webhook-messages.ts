import type { Message } from './message.ts';

/** What is logged of deliveries, from the door to the mark. */
export const WEBHOOK_MESSAGES = {
  signatureWrong: {
    level: 'Warning',
    logger: 'WebhookService',
    properties: ['StoreId', 'Domain'],
    ja: '{Domain}のWebhookの署名が一致しません。Webhookのシークレットを確認してください',
    en: 'Webhooks for {Domain} come with a wrong signature: check its webhook secret',
  },
  topicUnknown: {
    level: 'Warning',
    logger: 'WebhookService',
    properties: ['StoreId', 'Topic'],
    ja: '未知のトピックの配信を無視しました: {Topic}',
    en: 'Delivery ignored, its topic is unknown: {Topic}',
  },
  bodyRefused: {
    level: 'Warning',
    logger: 'WebhookService',
    properties: ['StoreId', 'Topic', 'Cause'],
    ja: '配信の本文を受け付けられません: {Topic} ({Cause})',
    en: 'Delivery refused: {Topic}, {Cause}',
  },
  bodyCut: {
    level: 'Warning',
    logger: 'WebhookService',
    properties: ['StoreId', 'Topic', 'Entity', 'Kind'],
    ja: 'Shopifyが配信の本文をidだけに切り詰めました: {Topic}。{Entity}を確認します({Kind})',
    en: 'Shopify cut the body of a delivery down to its id: {Topic}; {Entity} are looked through ({Kind})',
  },
  deliveryPutOff: {
    level: 'Warning',
    logger: 'WebhookService',
    properties: ['Cause'],
    ja: '配信に503を返しました。Shopifyが再送します: {Cause}',
    en: 'Delivery answered 503, Shopify sends it again: {Cause}',
  },
  deliveryNotTaken: {
    level: 'Error',
    logger: 'WebhookService',
    properties: ['Cause'],
    ja: '配信に503を返しました。対応が必要です: {Cause}',
    en: 'Delivery answered 503 until somebody acts: {Cause}',
  },
  versionOdd: {
    level: 'Warning',
    logger: 'WebhookService',
    properties: ['StoreId', 'Version', 'Expected'],
    ja: 'WebhookがAdmin APIの{Version}版で届きます({Expected}版が必要です)。アプリのWebhookバージョン(shopify.app.tomlのapi_version)を{Expected}にしてください',
    en: "Webhooks come in version {Version} of the Admin API, and {Expected} is expected: set the app's webhook version (api_version in shopify.app.toml) to {Expected}",
  },
  /** It came while the database was away; now it is there, and does not know the store. */
  signalDropped: {
    level: 'Warning',
    logger: 'WebhookService',
    properties: ['Domain'],
    ja: '{Domain}はミラーの対象ではないため、シグナルを破棄しました',
    en: 'A signal of {Domain}, which is not mirrored, was dropped',
  },
  signalPutOff: {
    level: 'Warning',
    logger: 'WebhookService',
    properties: ['StoreId', 'DelayMs', 'Cause'],
    ja: 'シグナルを記録できないため、後で再送します: {Cause}',
    en: 'Signal not marked, sent again: {Cause}',
  },
  signalNotMarked: {
    level: 'Error',
    logger: 'WebhookService',
    properties: ['StoreId', 'DelayMs', 'Cause'],
    ja: 'シグナルを記録できません。対応が必要です: {Cause}',
    en: 'Signal not marked until somebody acts, sent again meanwhile: {Cause}',
  },
} as const satisfies Readonly<Record<string, Message>>;
