import type { Message } from './message.ts';

/** What is logged of stores as a whole, of what people ask for, and of the process. */
export const SERVICE_MESSAGES = {
  storeNotConnected: {
    level: 'Error',
    logger: 'StoreService',
    properties: ['Domain', 'Cause'],
    ja: '{Domain}: 接続できません: {Cause}',
    en: '{Domain}: {Cause}',
  },
  scopeMissing: {
    level: 'Warning',
    logger: 'StoreService',
    properties: ['StoreId', 'Domain', 'Entity', 'Scope'],
    ja: '{Domain}: {Scope}がないため{Entity}を読めません。アプリに許可し、再インストールしてください',
    en: '{Domain}: {Entity} cannot be read without {Scope}: grant it to the app and install the app again',
  },
  historyHidden: {
    level: 'Warning',
    logger: 'StoreService',
    properties: ['StoreId', 'Domain', 'Entity', 'Scope'],
    ja: '{Domain}: {Scope}がないため60日より古い{Entity}を読めません。アプリに許可し、再インストールしてください',
    en: '{Domain}: {Entity} older than 60 days cannot be read without {Scope}: grant it to the app and install the app again',
  },
  topicsRefused: {
    level: 'Warning',
    logger: 'StoreService',
    properties: ['StoreId', 'Topics', 'Cause'],
    ja: '購読できないトピックがあります: {Topics} ({Cause})',
    en: 'Topics not subscribed: {Topics} ({Cause})',
  },
  subscriptionsRestored: {
    level: 'Warning',
    logger: 'StoreService',
    properties: ['StoreId', 'Topics'],
    ja: '失われていた購読を作り直しました: {Topics}',
    en: 'Subscriptions were missing and are back: {Topics}',
  },
  runStalled: {
    level: 'Warning',
    logger: 'ReconciliationService',
    properties: ['StoreId', 'Entity', 'Kind', 'RunId'],
    ja: '停止していた{Entity}の実行をやり直します',
    en: 'A run over {Entity} has stalled and is started again',
  },
  reconciliationNotTaken: {
    level: 'Error',
    logger: 'ReconciliationService',
    properties: ['Cause'],
    ja: '依頼された照合を受け付けられませんでした: {Cause}',
    en: 'A reconciliation was asked for and not taken: {Cause}',
  },
  telemetryFailed: {
    level: 'Error',
    logger: 'HostService',
    properties: ['Cause'],
    ja: 'テレメトリを送信できません。APPLICATIONINSIGHTS_CONNECTION_STRINGを確認してください ({Cause})',
    en: 'Telemetry cannot be sent: check APPLICATIONINSIGHTS_CONNECTION_STRING ({Cause})',
  },
  functionFailed: {
    level: 'Error',
    logger: 'HostService',
    properties: ['Function', 'Cause'],
    ja: '{Function}: {Cause}',
    en: '{Function}: {Cause}',
  },
} as const satisfies Readonly<Record<string, Message>>;
