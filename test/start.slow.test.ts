/** More of `npm start`: what takes too long for every run of the tests. */
import { expect, test } from 'vitest';
import { directory, SIZE, STACK, Start } from './start-process.ts';

const args = ['--data=data', ...Object.entries(SIZE).map(([name, n]) => `--${name}=${n}`)];

test('a simulated store is refused to a second start at the same time', async () => {
  const cwd = directory();
  const first = new Start(cwd, args);
  await first.says(/The store lives/);
  const second = new Start(cwd, args);
  expect(await second.exit()).toBe(1);
  expect(second.said).toMatch(/shop.db is in use by another simulator: stop that one first/);
  expect(second.said).not.toMatch(STACK);
});

test('the simulated store is used even if a real one is configured, when asked for', async () => {
  const env = { SHOPIFY_SHOP: 'real.myshopify.com', DATABASE_URL: 'sqlite:elsewhere.db' };
  const start = new Start(directory(), [...args, '--demo'], env);
  await start.says(/driftless-demo.myshopify.com: mirrored/);
  expect(start.said).not.toMatch(/real.myshopify.com/);
});

test('interrupted at any moment it ends at once, with no stack and nothing left to repair', async () => {
  const cwd = directory();
  const slowly = [...args, '--plan=standard', '--cost-model=pessimistic'];
  for (const moment of [/simulated store/, /mirroring|already/, /The store lives/, /simulated store/]) {
    const start = new Start(cwd, slowly);
    await start.says(moment);
    const interruptedAt = performance.now();
    start.kill('SIGINT');
    expect([0, 130]).toContain(await start.exit());
    expect(performance.now() - interruptedAt).toBeLessThan(5_000);
    expect(start.said).not.toMatch(STACK);
  }
});

test('killed in its first mirror, the next start has it finished within half a minute', async () => {
  const cwd = directory();
  const large = ['--customers=1000', '--products=200', '--orders=1000', '--data=data'];
  const first = new Start(cwd, [...large, '--plan=standard', '--cost-model=pessimistic']);
  await first.says(/: mirroring/);
  first.kill('SIGKILL');
  await first.exit();
  const startedAt = performance.now();
  const second = new Start(cwd, large);
  await second.says(/The store lives/);
  expect(performance.now() - startedAt).toBeLessThan(30_000);
});
