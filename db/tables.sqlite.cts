/**
 * Every table and view of the embedded database, for drizzle-kit. It takes what a module exports, and the names of the
 * mirror's tables are known to the entities only: an ES module has to spell its exports out, this kind has not.
 */
const { tables, views } = require('./schema.sqlite.ts').schema;
module.exports = { ...tables, ...views };
