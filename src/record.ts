import type { Row } from './entities/column.ts';
import type { Lacks } from './lack.ts';

/** Rows of the mirror as the domain speaks of them: decoded and ready to be written, or as they stand. */

export interface RowState {
  readonly updatedAt: number;
  readonly createdAt: number;
  readonly readAt: number;
  readonly deletedAt: number | null;
  readonly contentHash: string | null;
  /** What is not known of it; null where nothing is lacking. */
  readonly lacks: Lacks | null;
}

/** A decoded object with its children, ready to be written. */
export interface MirrorRecord {
  readonly id: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly row: Row;
  /** By child table. A table that is missing here was withheld: its rows stay as they are. */
  readonly children: Readonly<Record<string, readonly ChildRecord[]>>;
  /** Columns of `row` whose values Shopify withheld: an existing row keeps its own (R9). */
  readonly withheld: readonly string[];
  /** What this read did not tell, of the row and of all below it; null where it told everything. */
  readonly lacks: Lacks | null;
  /** Hash of everything above but the times: equal text means nothing changed. */
  readonly contentHash: string;
  /** When the person of this object was erased (the database's clock): what is personal in it is empty. */
  readonly erasedAt: number | null;
}

export interface ChildRecord {
  readonly key: string;
  readonly row: Row;
  readonly children: Readonly<Record<string, readonly ChildRecord[]>>;
  readonly withheld: readonly string[];
}

export interface MirrorView {
  readonly row: RowState | null;
  readonly marked: boolean;
  /** Shopify's trigger time of the latest delivery for the key, null if none is logged. */
  readonly announcedAt: number | null;
}

/** What stands in a range of ids: rows, buried ones too, and marks, each in id order. */
export interface RangeView {
  readonly rows: readonly RangeRow[];
  readonly marks: readonly RangeMark[];
  /** When they were looked up: the database's clock. */
  readonly at: number;
}

export interface RangeMark {
  readonly id: string;
  /** A census holds it back. */
  readonly held: boolean;
}

export interface RangeRow extends RowState {
  readonly id: string;
  /** When the row was last written or buried: the database's clock. */
  readonly syncedAt: number;
  /** By child table, where Shopify tells the number with the head (`ChildSet.countField`). */
  readonly childCounts: Readonly<Record<string, number>>;
}

export interface MirrorRow extends MirrorChild {
  readonly deletedAt: number | null;
  readonly erasedAt: number | null;
}

export interface MirrorChild {
  readonly key: string;
  /** All columns of the entity, linked ones too, and for a parent its four times. */
  readonly row: Row;
  readonly children: Readonly<Record<string, readonly MirrorChild[]>>;
}
