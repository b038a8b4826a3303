import type { Message } from './message.ts';

/** What is logged of privacy requests: their numbers, never whom they are about. */
export const PRIVACY_MESSAGES = {
  privacyCarriedOut: {
    level: 'Information',
    logger: 'PrivacyService',
    properties: ['StoreId', 'RequestId', 'Topic'],
    ja: 'プライバシー要求{RequestId}({Topic})を処理しました',
    en: 'Privacy request {RequestId} ({Topic}) was carried out',
  },
  privacyRefused: {
    level: 'Error',
    logger: 'PrivacyService',
    properties: ['StoreId', 'RequestId', 'Cause'],
    ja: 'プライバシー要求{RequestId}を拒否しました: {Cause}',
    en: 'Privacy request {RequestId} was refused: {Cause}',
  },
  privacyWaits: {
    level: 'Warning',
    logger: 'PrivacyService',
    properties: ['RequestId', 'Cause'],
    ja: 'プライバシー要求{RequestId}を延期します: {Cause}',
    en: 'Privacy request {RequestId} has to wait: {Cause}',
  },
  privacyNear: {
    level: 'Error',
    logger: 'PrivacyService',
    properties: ['RequestId', 'Cause'],
    ja: 'プライバシー要求{RequestId}の期限まで7日未満です。対応が必要です: {Cause}',
    en: 'Privacy request {RequestId} is due within seven days and has to wait: {Cause}',
  },
  privacyNotUnderstood: {
    level: 'Error',
    logger: 'PrivacyService',
    properties: ['StoreId', 'Topic', 'Cause'],
    ja: 'プライバシー要求({Topic})を受け付けませんでした({Cause})。Shopifyの管理画面で内容を確認し、/api/privacyから手動で依頼してください',
    en: 'A request of {Topic} was not taken ({Cause}): if Shopify made it, ask for the same by hand at /api/privacy',
  },
  privacyNotRecorded: {
    level: 'Warning',
    logger: 'PrivacyService',
    properties: ['DelayMs', 'Cause'],
    ja: 'プライバシー要求をまだ記録できません。後で再試行します: {Cause}',
    en: 'A privacy request is not recorded yet and is tried again: {Cause}',
  },
  privacyNotTaken: {
    level: 'Error',
    logger: 'PrivacyService',
    properties: ['Cause'],
    ja: '手動のプライバシー要求を受け付けられませんでした: {Cause}',
    en: 'A privacy request was made by hand and not taken: {Cause}',
  },
  exportsNotRemoved: {
    level: 'Error',
    logger: 'PrivacyService',
    properties: ['Cause'],
    ja: '不要になったエクスポートファイルを削除できません: {Cause}',
    en: 'Exports that are no longer needed cannot be removed: {Cause}',
  },
} as const satisfies Readonly<Record<string, Message>>;
