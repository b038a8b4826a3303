import type { MessageName, PropertiesOf } from './log/catalogue.ts';

/**
 * What is logged is named, not written: the catalogue has its text in each language, its level and its logger, and
 * says which properties it takes. Those are counts, codes, ids of stores and runs: nothing personal and no secret
 * (R12). Where the lines go is the door's business.
 */
export type Log = <K extends MessageName>(name: K, properties: PropertiesOf<K>) => void;

export const silent: Log = () => {};
