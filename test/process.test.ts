import { expect, test } from 'vitest';
import { createProcess } from '../app/process.ts';
import type { Environment } from '../src/config.ts';

/** A process in Azure, before it has reached anything. */
const refusal = async (environment: Environment): Promise<string> => {
  const failure = await createProcess(environment, () => {})().then(
    () => null,
    (error: Error) => error,
  );
  return failure?.message ?? '';
};

test('an app with nothing set up is told all that it lacks at once, and not one thing after the other', async () => {
  const said = await refusal({ PRIVACY_KEY: 'short', EVENT_GRID_TOPIC_KEY: 'a-key' });
  expect(said.split('\n').map((line) => line.trim().split(' ')[1])).toEqual([
    ...['configuration', 'DATABASE_URL', 'AzureWebJobsStorage', 'EVENT_GRID_TOPIC_ENDPOINT', 'PRIVACY_KEY'],
  ]);
});

test('a database whose address is in a vault needs the vault', async () => {
  const storage = { AzureWebJobsStorage__accountName: 'shop' };
  expect(await refusal({ ...storage, DATABASE_URL: 'keyvault:database' })).toMatch(
    /1 problem.*KEY_VAULT_URL is missing, and DATABASE_URL is in it/s,
  );
});
