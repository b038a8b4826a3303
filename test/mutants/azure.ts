import type { Mutant } from './list.ts';

/** What somebody might simplify away where the service meets Azure: deadlines, outages, poison, operators, telemetry. */
const DEADLINE = 'test/deadline.test.ts';
const BREAKER = 'test/breaker.test.ts';
const STORAGE_QUEUES = 'test/storage-queues.test.ts';
const ACCESS = 'test/access.test.ts';
const WEBHOOK_DOOR = 'test/webhook-door.test.ts';
const TELEMETRY = 'test/telemetry.test.ts';
const FLUSHING = 'test/flushing.test.ts';
const LATE = 'test/late.test.ts';
const LOG = 'test/log.test.ts';

export const AZURE: readonly Mutant[] = [
  {
    rule: 'R7',
    breakage: 'an invocation that hangs is waited for until Azure ends the process',
    file: 'src/deadline.ts',
    find: 'return await Promise.race([working, over]);',
    replace: 'return await working;',
    suites: [DEADLINE],
  },
  {
    rule: 'R4',
    breakage: 'a message whose time is over is not sent again',
    file: 'src/deadline.ts',
    find: 'await present.queues.send(queue, message, { delayMs: AGAIN_AFTER_MS });',
    replace: '',
    suites: [DEADLINE],
  },
  {
    rule: 'R4',
    breakage: 'a message that hangs each time is sent again at full speed',
    file: 'src/deadline.ts',
    find: '{ delayMs: AGAIN_AFTER_MS }',
    replace: '{ delayMs: 0 }',
    suites: [DEADLINE],
  },
  {
    rule: 'R4',
    breakage: 'everybody asks a database that is away',
    file: 'app/breaker.ts',
    find: 'if (failures < FAILURES_IN_A_ROW) return;',
    replace: 'if (failures >= 0) return;',
    suites: [BREAKER],
  },
  {
    rule: 'R4',
    breakage: 'a database that came back is refused as before',
    file: 'app/breaker.ts',
    find: '      failures = 0;\n',
    replace: '',
    suites: [BREAKER],
  },
  {
    rule: 'R4',
    breakage: 'a single failure counts as an outage',
    file: 'app/breaker.ts',
    find: 'const FAILURES_IN_A_ROW = 3;',
    replace: 'const FAILURES_IN_A_ROW = 1;',
    suites: [BREAKER],
  },
  {
    rule: 'R4',
    breakage: 'what failed too often is given up',
    file: 'src/poison.ts',
    find: 'await queues.send(queue, { ...message, redriven: times + 1 }, { delayMs: delayMsOf(times) });',
    replace: '',
    suites: [STORAGE_QUEUES],
  },
  {
    rule: 'R4',
    breakage: 'what failed too often is removed before it is sent again',
    file: 'src/poison.ts',
    find: '    await queues.send(queue, { ...message, redriven: times + 1 }, { delayMs: delayMsOf(times) });\n    await poisoned.remove();',
    replace:
      '    await poisoned.remove();\n    await queues.send(queue, { ...message, redriven: times + 1 }, { delayMs: delayMsOf(times) });',
    suites: [STORAGE_QUEUES],
  },
  {
    rule: 'R4',
    breakage: 'what failed too often is tried again at full speed',
    file: 'src/poison.ts',
    find: '{ delayMs: delayMsOf(times) }',
    replace: '{ delayMs: 0 }',
    suites: [STORAGE_QUEUES],
  },
  {
    rule: 'R4',
    breakage: 'while the database is away no store is known, not even those of the configuration',
    file: 'webhooks/sender.ts',
    find: 'if (!isAway || (configured === undefined && !isShopDomain(named))) throw error;',
    replace: 'if (!isAway || named !== configured) throw error;',
    suites: [WEBHOOK_DOOR],
  },
  {
    rule: 'R8',
    breakage: 'the address that a caller claims is believed, not that of the last hop',
    file: 'app/access.ts',
    find: "forwardedFor?.split(',').at(-1)",
    replace: "forwardedFor?.split(',').at(0)",
    suites: [ACCESS],
  },
  {
    rule: 'R8',
    breakage: 'ranges that make no sense let everybody in',
    file: 'src/operator-settings.ts',
    find: 'ranges: listed === null && auth !== undefined ? null : ranges,',
    replace: 'ranges: ranges.length === 0 ? null : ranges,',
    suites: [ACCESS],
  },
  {
    rule: 'R8',
    breakage: 'the header of a person who signed in is believed where the platform does not vouch for it',
    file: 'app/access.ts',
    find: 'if (!platformVouches)',
    replace: "if (!platformVouches && headers.get('x-ms-client-principal') === null)",
    suites: [ACCESS],
  },
  {
    rule: 'R8',
    breakage: 'whoever signed in is an operator, whatever the role',
    file: 'app/access.ts',
    find: 'return rolesOf(principal).includes(role)',
    replace: 'return rolesOf(principal).length >= 0',
    suites: [ACCESS],
  },
  {
    rule: 'R7',
    breakage: 'a body that does not say its length has no bound',
    file: 'src/door.ts',
    find: 'return body.byteLength > bytesMax ? null : body;',
    replace: 'return body;',
    suites: [ACCESS],
  },
  {
    rule: 'R7',
    breakage: 'a body that says it is too long is read all the same',
    file: 'src/door.ts',
    find: "if (Number(request.headers.get('content-length') ?? 0) > bytesMax) return null;",
    replace: '',
    suites: [ACCESS],
  },
  {
    rule: 'R12',
    breakage: 'a span quotes the message of what failed',
    file: 'app/telemetry/open-telemetry.ts',
    find: "error instanceof Error ? error.name : 'unknown'",
    replace: "error instanceof Error ? error.message : 'unknown'",
    suites: [TELEMETRY],
  },
  {
    rule: 'R12',
    breakage: 'the topic that a stranger wrote becomes a dimension',
    file: 'webhooks/reply.ts',
    find: "WANTED.has(topic) ? topic : 'unknown'",
    replace: 'topic',
    suites: [TELEMETRY],
  },
  {
    rule: 'telling',
    breakage: 'a lag is measured from a time of another age',
    file: 'src/metrics.ts',
    find: 'ms >= -60_000 && ms <= LAG_MAX_MS',
    replace: '!Number.isNaN(ms)',
    suites: [TELEMETRY],
  },
  {
    rule: 'telling',
    breakage: 'a log text names what is not among its properties',
    file: 'src/log/sync-messages.ts',
    find: "    ja: '{Entity}の更新処理がリースを失いました。このバッチは読み直します',\n    en: 'A refresh of {Entity} lost",
    replace:
      "    ja: '{Domain}: {Entity}の更新処理がリースを失いました。このバッチは読み直します',\n    en: '{Domain}: a refresh of {Entity} lost",
    suites: [LOG],
  },
  {
    rule: 'telling',
    breakage: 'nothing is handed over after an invocation',
    file: 'app/telemetry/functions.ts',
    find: 'await (await service()).telemetry.flush(when);',
    replace: 'await service();',
    suites: [FLUSHING],
  },
  {
    rule: 'telling',
    breakage: 'whoever called waits until telemetry is handed over',
    file: 'app/telemetry/functions.ts',
    find: "if (invocationContext.options.trigger.type !== 'httpTrigger') await flushed;",
    replace: "if (invocationContext.options.trigger.type !== 'never') await flushed;",
    suites: [FLUSHING],
  },
  {
    rule: 'telling',
    breakage: 'what was measured before the exporter is loaded is lost',
    file: 'app/telemetry/late.ts',
    find: 'else if (kept.length < KEPT_MAX) kept.push(what);',
    replace: '',
    suites: [LATE],
  },
];
