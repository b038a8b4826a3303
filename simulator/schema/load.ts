/** The vendored cut of Shopify's Admin schema, read once. */
import { readFileSync } from 'node:fs';
import { buildSchema, type GraphQLSchema } from 'graphql';
import type { AccessTable } from './access.ts';

/** The one version this simulator speaks; requests for any other are answered in it. */
export const API_VERSION = '2026-10';

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

let schema: GraphQLSchema | undefined;
let access: AccessTable | undefined;

/**
 * Shopify announced `ProductVariant.barcodes` for this very version, and the package that the cut was made from does not
 * have it yet: shops are served as it says (`single`), as the announcement does (`both`, the old field deprecated), and
 * as it will be once the old field has gone (`list`).
 */
export type BarcodeFields = 'single' | 'both' | 'list';

/** The schema without resolvers: enough to validate a query or to price it. */
export function loadSchema(barcodes: BarcodeFields = 'single'): GraphQLSchema {
  if (barcodes !== 'single') return freshSchema(barcodes);
  schema ??= buildSchema(read(`admin-${API_VERSION}.graphql`));
  return schema;
}

/** A schema of its own for whoever attaches resolvers to it. */
export const freshSchema = (barcodes: BarcodeFields = 'single'): GraphQLSchema =>
  buildSchema(withBarcodes(read(`admin-${API_VERSION}.graphql`), barcodes));

/** https://shopify.dev/changelog/product-variant-barcode-is-being-replaced-by-barcodes */
function withBarcodes(sdl: string, barcodes: BarcodeFields): string {
  if (barcodes === 'single') return sdl;
  const variant = sdl.indexOf('type ProductVariant ');
  const at = sdl.indexOf('  barcode: String\n', variant);
  if (variant < 0 || at < 0)
    throw new Error('The cut knows ProductVariant.barcodes: leave its addition out.');
  const old = barcodes === 'both' ? '  barcode: String @deprecated(reason: "Use `barcodes` instead.")\n' : '';
  const list =
    '  barcodes(after: String, before: String, first: Int, last: Int, reverse: Boolean = false): ProductVariantBarcodeConnection!\n';
  return `${sdl.slice(0, at)}${old}${list}${sdl.slice(at + '  barcode: String\n'.length)}
enum BarcodeType { ASIN EAN GTIN ISBN UPC }
type ProductVariantBarcode { type: BarcodeType value: String! }
type ProductVariantBarcodeEdge { cursor: String! node: ProductVariantBarcode! }
type ProductVariantBarcodeConnection {
  edges: [ProductVariantBarcodeEdge!]!
  nodes: [ProductVariantBarcode!]!
  pageInfo: PageInfo!
}
`;
}

/** Scopes and protected fields, made by the same script as the schema. */
export function loadAccess(): AccessTable {
  access ??= JSON.parse(read(`access-${API_VERSION}.json`)) as AccessTable;
  return access;
}
