import { describe } from 'vitest';
import { childrenBattery } from './database-battery-children.ts';
import { crowdsBattery } from './database-battery-crowds.ts';
import { detectionBattery } from './database-battery-detection.ts';
import { eventsBattery } from './database-battery-events.ts';
import { exactBattery } from './database-battery-exact.ts';
import { freshnessBattery } from './database-battery-freshness.ts';
import { interleavingsBattery } from './database-battery-interleavings.ts';
import { isolationBattery } from './database-battery-isolation.ts';
import { lacksBattery } from './database-battery-lacks.ts';
import { leasesBattery } from './database-battery-leases.ts';
import { linksBattery } from './database-battery-links.ts';
import { marksBattery } from './database-battery-marks.ts';
import { privacyBattery } from './database-battery-privacy.ts';
import { proofBattery } from './database-battery-proof.ts';
import { refreshBattery } from './database-battery-refresh.ts';
import { storesBattery } from './database-battery-stores.ts';
import { tellingBattery } from './database-battery-telling.ts';
import { tokenLeasesBattery } from './database-battery-token-leases.ts';
import { upkeepBattery } from './database-battery-upkeep.ts';
import type { Factory } from './database-fixture.ts';

/** What every implementation of src/database.ts must do. */
export function databaseBattery(name: string, factory: Factory): void {
  describe(name, () => {
    describe('stores', () => storesBattery(factory));
    describe('marks', () => marksBattery(factory));
    describe('marks under interleavings', () => interleavingsBattery(factory));
    describe('leases', () => leasesBattery(factory));
    describe('token leases', () => tokenLeasesBattery(factory));
    describe('refresh', () => refreshBattery(factory));
    describe('change events', () => eventsBattery(factory));
    describe('children', () => childrenBattery(factory));
    describe('lacks', () => lacksBattery(factory));
    describe('links', () => linksBattery(factory));
    describe('detection', () => detectionBattery(factory));
    describe('proof', () => proofBattery(factory));
    describe('privacy', () => privacyBattery(factory));
    describe('freshness', () => freshnessBattery(factory));
    describe('exactness', () => exactBattery(factory));
    describe('crowds', () => crowdsBattery(factory));
    describe('isolation', () => isolationBattery(factory));
    describe('telling', () => tellingBattery(factory));
    describe('upkeep', () => upkeepBattery(factory));
  });
}
