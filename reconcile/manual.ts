import { z } from 'zod';
import { RELEASE_MS } from '../src/brake.ts';
import { asked, orLater } from '../src/door.ts';
import { ENTITY_NAMES } from '../src/entities/registry.ts';
import type { Service } from '../src/service.ts';
import { storeNamed } from '../src/store-names.ts';
import { idsOf, KEYS_MAX, readAnew } from './read-anew.ts';

/**
 * A person asks for a reconciliation: `POST /api/reconcile` with `{ store, entity, kind }`. It only enqueues what
 * the timers would; the answer says what was enqueued. `release` ends the brake for an entity (R10). `keys` reads single
 * objects anew: `{ store, entity, kind: 'keys', ids }`.
 */
const STORE = 'store: give the domain, e.g. "example.myshopify.com", or its id';
const KINDS = ['sweep', 'census', 'content', 'release', 'keys'] as const;
const IDS = `ids: with kind keys, 1 to ${KEYS_MAX} ids of one entity, as texts: decimal, or GIDs of its type`;
const fields = z.strictObject(
  {
    store: z.union([z.string().min(1, STORE), z.int().transform(String)], { error: STORE }),
    entity: z.enum([...ENTITY_NAMES, 'all'], { error: `entity: one of ${ENTITY_NAMES.join(', ')}, all` }),
    kind: z.enum(KINDS, { error: `kind: one of ${KINDS.join(', ')}` }).default('sweep'),
    ids: z.array(z.unknown(), { error: IDS }).optional(),
  },
  { error: 'send a JSON object with store, entity, kind (ids with kind keys), and nothing else' },
);
const request = fields.transform(({ ids: given, ...wanted }, { addIssue }) => {
  const { entity, kind } = wanted;
  const ids = given === undefined || entity === 'all' ? null : idsOf(entity, given);
  if (kind === 'keys' ? ids === null : given !== undefined) addIssue({ code: 'custom', message: IDS });
  return { ...wanted, ids };
});

export interface ManualReply {
  readonly status: 202 | 400 | 404 | 409 | 503;
  readonly body: Readonly<Record<string, unknown>>;
}

export async function reconcile(service: Service, json: unknown): Promise<ManualReply> {
  return await asked(request, json, (wanted) =>
    orLater(
      () => enqueue(service, wanted),
      (Cause) => service.log('reconciliationNotTaken', { Cause }),
    ),
  );
}

async function enqueue(
  service: Service,
  { store: wanted, entity, kind, ids }: z.output<typeof request>,
): Promise<ManualReply> {
  const stores = await service.directory.all();
  const store =
    storeNamed(stores, wanted.trim().toLowerCase()) ?? stores.find(({ id }) => String(id) === wanted);
  if (store === undefined)
    return {
      status: 404,
      body: { error: 'store: no such store here; give the domain of a connected store' },
    };
  if (store.shopId === null)
    return {
      status: 409,
      body: { error: `store: it was never reached: ${store.settings.attention ?? 'try again in a minute'}` },
    };
  if (store.rest?.why === 'paused')
    return { status: 409, body: { error: 'store: an operator has paused it; resume it first' } };
  if (!store.active)
    return { status: 409, body: { error: 'store: it is not active; install the app again to resume it' } };
  if (kind === 'keys' && entity !== 'all' && ids !== null) {
    await readAnew(service, store.id, entity, ids);
    return { status: 202, body: { store: store.domain, kind, entities: [entity], ids } };
  }
  const entities = ENTITY_NAMES.filter((name) => entity === 'all' || name === entity);
  if (kind === 'release') await release(service, store.id, entities);
  // The census that follows takes over what an earlier one held, and frees it.
  for (const name of entities)
    await service.queues.send('sweeps', {
      storeId: store.id,
      entity: name,
      kind: kind === 'release' ? 'census' : kind,
    });
  return { status: 202, body: { store: store.domain, kind, entities } };
}

async function release(service: Service, storeId: number, entities: readonly string[]): Promise<void> {
  const store = (await service.database.stores()).find(({ id }) => id === storeId);
  const settings = store?.settings;
  const until = service.clock() + RELEASE_MS;
  await service.database.updateSettings(storeId, {
    brakeReleased: {
      ...settings?.brakeReleased,
      ...Object.fromEntries(entities.map((entity) => [entity, until])),
    },
    brakeHeld: (settings?.brakeHeld ?? []).filter((name) => !entities.includes(name)),
  });
  service.directory.forget();
}
