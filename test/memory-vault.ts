import type { Clock } from '../src/clock.ts';
import { Secret } from '../src/secrets.ts';
import type { Vault } from '../src/vault.ts';

/** A vault in this process, for tests of what stands above it; test/key-vault.test.ts is about the real one. */
export class MemoryVault implements Vault {
  readonly #clock: Clock;
  readonly #versions = new Map<string, { readonly text: string; enabled: boolean }[]>();
  /** What was asked of it, in order: `versions shopify-app`. */
  readonly asked: string[] = [];
  /** Happens instead of the next calls. */
  readonly failures: Error[] = [];
  /** Happens before each answer. */
  before: (call: string) => void | Promise<void> = () => {};

  constructor(clock: Clock = () => 0) {
    this.#clock = clock;
  }

  /** As an operator does it. */
  put(name: string, document: unknown): void {
    const text = typeof document === 'string' ? document : JSON.stringify(document);
    this.#versions.set(name, [{ text, enabled: true }, ...(this.#versions.get(name) ?? [])]);
  }

  /** Disables the versions but the newest ones. */
  keepNewest(name: string, count: number): void {
    for (const [age, version] of (this.#versions.get(name) ?? []).entries()) version.enabled = age < count;
  }

  /** Every text that was ever in it. */
  texts(name: string): readonly string[] {
    return (this.#versions.get(name) ?? []).map(({ text }) => text);
  }

  readonly read = async (name: string): Promise<Secret | null> => {
    await this.#ask(`read ${name}`);
    const [newest] = this.#versions.get(name) ?? [];
    return newest ? new Secret(newest.text) : null;
  };

  readonly versions = async (name: string): Promise<readonly Secret[]> => {
    await this.#ask(`versions ${name}`);
    const enabled = (this.#versions.get(name) ?? []).filter((version) => version.enabled);
    return enabled.slice(0, 2).map(({ text }) => new Secret(text));
  };

  readonly write = async (
    name: string,
    text: Secret,
    options: { readonly expiresAt?: number } = {},
  ): Promise<void> => {
    await this.#ask(`write ${name}`);
    if ((options.expiresAt ?? Infinity) <= this.#clock()) throw new Error(`${name} is written expired`);
    this.put(name, text.reveal());
  };

  async #ask(call: string): Promise<void> {
    this.asked.push(call);
    await this.before(call);
    const failure = this.failures.shift();
    if (failure) throw failure;
  }
}
