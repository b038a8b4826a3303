import { defineConfig } from 'vitest/config';

/** Suites that take minutes: many seeds, real kills, large stores. `npm run test:slow`. */
export default defineConfig({
  test: { include: ['test/**/*.slow.test.ts'], testTimeout: 600_000 },
});
