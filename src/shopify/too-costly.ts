/** The query would cost more than Shopify allows for one query: ask for fewer objects. */
export class TooCostly extends Error {
  override readonly name = 'TooCostly';
}
