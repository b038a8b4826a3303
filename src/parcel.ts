import { type CloudEvent, cloudEventOf, type WaitingEvent } from './change-event.ts';
import type { Store } from './store.ts';

/** Events that go to the topic in one request, in their order. */
export interface Parcel {
  readonly ids: readonly number[];
  readonly cloudEvents: readonly CloudEvent[];
}

/** A quarter of what Event Grid takes in one request. */
const BYTES_MAX = 256 * 1024;

export function parcelsOf(events: readonly WaitingEvent[], store: Store): Parcel[] {
  const parcels: Parcel[] = [];
  let ids: number[] = [];
  let cloudEvents: CloudEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    const cloudEvent = cloudEventOf(store, event);
    const size = Buffer.byteLength(JSON.stringify(cloudEvent));
    if (bytes + size > BYTES_MAX && ids.length > 0) {
      parcels.push({ ids, cloudEvents });
      ids = [];
      cloudEvents = [];
      bytes = 0;
    }
    ids.push(event.id);
    cloudEvents.push(cloudEvent);
    bytes += size;
  }
  return ids.length > 0 ? [...parcels, { ids, cloudEvents }] : parcels;
}

export function halves({ ids, cloudEvents }: Parcel): readonly Parcel[] {
  const middle = Math.ceil(ids.length / 2);
  return [
    { ids: ids.slice(0, middle), cloudEvents: cloudEvents.slice(0, middle) },
    { ids: ids.slice(middle), cloudEvents: cloudEvents.slice(middle) },
  ];
}
