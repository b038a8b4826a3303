import { RESTORE_RATES } from '../../simulator/api/bucket.ts';
import { throttled } from '../../simulator/api/problem.ts';
import { Random } from '../../simulator/random.ts';
import type { Shop } from '../../simulator/shop.ts';
import type { Simulator } from '../../simulator/simulator.ts';
import { ENTITY_NAMES, type EntityName } from '../../src/entities/registry.ts';
import { compareIds } from '../../src/ids.ts';
import { type Chronicle, isGone, wasGone } from './chronicle.ts';
import type { Exercised } from './exercised.ts';
import type { ApiFault } from './faults.ts';
import type { Ground } from './ground.ts';
import type { Lag, Plan } from './plan.ts';
import type { Rules } from './rules.ts';
import type { ShownPages, Sight } from './shown.ts';
import { type Spoilable, spoil } from './spoilers.ts';
import type { Stage } from './stage.ts';
import type { Violations } from './violations.ts';

/**
 * The way from the product to the simulated Shopify and back: how old the replica is that answers, what breaks, how
 * short the pages are, what is spoiled; and what each census was shown.
 */
export interface Way {
  readonly plan: Plan;
  readonly ground: Ground;
  readonly exercised: Exercised;
  readonly stage: Stage;
  readonly rules: Rules;
  readonly violations: Violations;
  readonly chronicle: Chronicle;
  readonly simulator: Simulator;
  readonly shop: Shop;
  readonly clock: () => number;
}

interface ListedPage {
  readonly nodes: readonly { readonly id: string; readonly updatedAt: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean };
}

/** Elements on a later page of children: a product of a hundred variants still has several. */
const LATER_PAGE = 50;
/** A cursor that does not move is to end the run long before this. */
const STUCK_MAX = 8;

export class Answers {
  readonly #way: Way;
  /** By which the gateway knows the shop, whatever it is called by now. */
  readonly #gateway: string;
  /** Names that the shop had. */
  readonly #former = new Set<string>();
  /** Elements on a page while faults are on; null for Shopify's own. */
  pageSize: number | null = null;
  #lag: Lag = { replicaMs: [0], indexMs: 0 };
  #asked = 0;
  /** The last page of each list, while pages are to be repeated. */
  readonly #pages = new Map<string, { [field: string]: unknown }>();

  constructor(way: Way) {
    this.#way = way;
    this.#gateway = way.shop.profile.domain;
  }

  /** A new step: its first request lags as its first number says, and so on. */
  setLag(lag: Lag): void {
    this.#lag = lag;
    this.#asked = 0;
    this.#pages.clear();
  }

  /** How many the shop has had, with the present one. */
  get names(): number {
    return this.#former.size + 1;
  }

  rename(domain: string): void {
    this.#former.add(this.#way.shop.profile.domain);
    Object.assign(this.#way.shop.profile, { domain });
  }

  async ask(url: string, init: RequestInit, pages: ShownPages): Promise<Response> {
    const { stage, simulator, shop } = this.#way;
    const moved = [...this.#former].find((domain) => url.includes(`/${domain}/`));
    if (moved !== undefined) return redirected(url, moved, shop.profile.domain);
    const known = url.replace(`/${shop.profile.domain}/`, `/${this.#gateway}/`);
    if (!known.endsWith('graphql.json')) return await simulator.fetch(new Request(known, init));
    const fault = stage.apiFault();
    if (fault === 'throttled') return throttledAnswer(this.#way.clock());
    this.#lagBehind();
    this.#break(fault);
    try {
      const answer = await simulator.fetch(new Request(known, this.#shortened(init)));
      return await this.#back(answer, String(init.body), pages);
    } finally {
      this.#mend(fault);
    }
  }

  /** Nothing is taken apart that nobody looks into. */
  async #back(answer: Response, asked: string, pages: ShownPages): Promise<Response> {
    const { stage } = this.#way;
    const operation = /"operationName":"(\w+)"}$/.exec(asked)?.[1] ?? '';
    const entity = ENTITY_NAMES.find((name) => operation.toLowerCase() === `census${name}`);
    if (!answer.ok || (entity === undefined && stage.spoiler === null)) return answer;
    const text = await answer.text();
    if (!text.startsWith('{')) return new Response(text, answer);
    const body = JSON.parse(text);
    const { variables } = JSON.parse(asked);
    const sights =
      entity && body.data?.[entity] ? this.#sights(entity, body.data[entity], variables, pages) : null;
    if (stage.spoiler === null) {
      if (sights !== null) pages.show(entity!, sights);
      return new Response(text, answer);
    }
    const spoiled = this.#spoiled(answer, operation, variables, body);
    if (spoiled.cutFrom !== null && sights !== null) this.#hide(entity!, spoiled.cutFrom, sights);
    if (sights !== null) pages.show(entity!, sights);
    return new Response(JSON.stringify(body), { status: spoiled.status, headers: spoiled.headers });
  }

  #spoiled(
    answer: Response,
    operation: string,
    variables: Readonly<Record<string, unknown>>,
    body: { data?: { [field: string]: unknown } },
  ) {
    const { stage, violations } = this.#way;
    const before = this.#pages.get(operation) ?? null;
    if (stage.spoiler === 'repeatedPage' && body.data) this.#pages.set(operation, structuredClone(body.data));
    const headers = new Headers(answer.headers);
    const spoiled = { operation, variables, body, headers, status: answer.status, before, cutFrom: null };
    stage.spoil((fault, seed) => {
      const done = spoil(fault, Object.assign(spoiled, { random: new Random(seed) }));
      if (done && fault === 'stuckCursor' && stage.strikes >= STUCK_MAX)
        violations.add('R16', `a cursor that does not move was followed ${STUCK_MAX} times`);
      return done;
    });
    return spoiled as Pick<Spoilable, 'cutFrom' | 'status' | 'headers'>;
  }

  /** Of every key between the cursor and the last head: live as listed, or gone from the replica that listed. */
  #sights(
    entity: EntityName,
    page: ListedPage,
    variables: { readonly after?: string | null },
    pages: ShownPages,
  ): Map<string, Sight> {
    const { ground, chronicle, shop } = this.#way;
    const ids = page.nodes.map(({ id }) => decimal(id));
    const asOf = shop.clock() - shop.consistency.replicaLagMs;
    const sights = new Map<string, Sight>();
    const rows = ground.rows(entity);
    const marks = ground.marks();
    // Behind what this process was shown before; one that goes on for another starts at the first head.
    const isFirst = typeof variables.after !== 'string';
    const from = isFirst ? null : (pages.shownTo(entity) ?? ids[0] ?? null);
    const to = page.pageInfo.hasNextPage ? ids.at(-1)! : null;
    for (const life of chronicle.lives(entity)) {
      const { id } = life;
      if ((from !== null && compareIds(id, from) <= 0) || (to !== null && compareIds(id, to) > 0)) continue;
      if (wasGone(life, asOf) && (rows.has(id) || marks.has(`${entity} ${id}`)))
        sights.set(id, { state: 'gone' });
    }
    for (const { id, updatedAt } of page.nodes)
      sights.set(decimal(id), { state: 'live', updatedAt: Date.parse(updatedAt) });
    return sights;
  }

  /** Of what the list is cut off before, and neither row nor mark tells, a census cannot know; nor is it in any index that it was. */
  #hide(entity: EntityName, cutFrom: string, sights: Map<string, Sight>): void {
    const { ground, chronicle, rules } = this.#way;
    const [rows, marks] = [ground.rows(entity), ground.marks()];
    for (const life of chronicle.lives(entity)) {
      const { id } = life;
      if (isGone(life) || compareIds(id, cutFrom) < 0) continue;
      if (rows.has(id) || marks.has(`${entity} ${id}`)) continue;
      sights.set(id, { state: 'hidden' });
      rules.omitted.add(life.gid);
    }
  }

  #lagBehind(): void {
    const { exercised, shop, rules } = this.#way;
    const { replicaMs, indexMs } = this.#lag;
    const replica = replicaMs[Math.min(this.#asked++, replicaMs.length - 1)] ?? 0;
    if (this.#asked === 1 && replicaMs.some((ms) => ms > 0)) exercised.fault('replicaLag');
    if (this.#asked === 1 && indexMs > 0) exercised.fault('indexLag');
    shop.consistency.replicaLagMs = replica;
    shop.consistency.indexLagMs = indexMs;
    rules.lagMs = Math.max(rules.lagMs, replica, indexMs);
  }

  #break(fault: ApiFault | null): void {
    const { shop } = this.#way;
    if (fault === null || fault === 'throttled') return;
    if (fault === 'tokenExpired')
      for (const token of shop.issuedTokens.keys()) shop.issuedTokens.set(token, 0);
    else shop.faults[fault] = 1;
  }

  #mend(fault: ApiFault | null): void {
    if (fault !== null && fault !== 'throttled' && fault !== 'tokenExpired') this.#way.shop.faults[fault] = 0;
  }

  /** Pages so short that a tiny world has several: Shopify may always say that there is more. */
  #shortened(init: RequestInit): RequestInit {
    const { body } = init;
    if (this.pageSize === null || typeof body !== 'string') return init;
    const heads = body.replace('"first":250', `"first":${this.pageSize}`);
    const firstPages = /(variants|lineItems|refundLineItems)\(first: (?!250)\d+/g;
    const laterPages = /(variants|lineItems|refundLineItems)\(first: 250/g;
    const short = heads.replace(firstPages, `$1(first: ${this.pageSize}`);
    return { ...init, body: short.replace(laterPages, `$1(first: ${LATER_PAGE}`) };
  }
}

const decimal = (gid: string): string => gid.slice(gid.lastIndexOf('/') + 1);

/** As Shopify does it, by the name that a shop has in the world. */
function redirected(url: string, former: string, present: string): Response {
  const [, path = ''] = url.split(`/${former}`);
  return new Response(null, { status: 301, headers: { location: `https://${present}${path}` } });
}

/** Somebody else spends the bucket: as Shopify says it, with the status that the pacing learns from. */
function throttledAnswer(now: number): Response {
  const restoreRate = RESTORE_RATES.standard;
  const throttleStatus = { maximumAvailable: restoreRate * 20, currentlyAvailable: 3, restoreRate };
  const cost = { requestedQueryCost: 40, actualQueryCost: null, throttleStatus };
  const headers = { 'content-type': 'application/json', date: new Date(now).toUTCString() };
  return new Response(JSON.stringify({ errors: [throttled()], extensions: { cost } }), { headers });
}
