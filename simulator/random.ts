/**
 * Chance that can be replayed: the same seed gives the same shop, the same changes and the same faults. The
 * generator is sfc32 (32-bit state words, chaotic and tiny); it is no source of secrets.
 */
export class Random {
  readonly #seed: string;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number | string) {
    this.#seed = String(seed);
    this.#a = hash(this.#seed, 1);
    this.#b = hash(this.#seed, 2);
    this.#c = hash(this.#seed, 3);
    for (let round = 0; round < 12; round += 1) this.word();
  }

  /** A generator of its own for one purpose, so that drawing more in one place changes nothing in another. */
  fork(purpose: string): Random {
    return new Random(`${this.#seed}/${purpose}`);
  }

  /** 32 random bits. */
  word(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  /** At least 0, less than 1. */
  next(): number {
    return this.word() / 0x1_0000_0000;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[Math.floor(this.next() * list.length)];
    if (picked === undefined) throw new Error('Nothing to pick from: the list is empty.');
    return picked;
  }

  /** Decimal digits, for phone numbers and the like. */
  digits(count: number): string {
    let text = '';
    while (text.length < count) text += String(this.word() % 10_000).padStart(4, '0');
    return text.slice(0, count);
  }

  hex(length: number): string {
    let text = '';
    while (text.length < length) text += this.word().toString(16).padStart(8, '0');
    return text.slice(0, length);
  }

  uuid(): string {
    const hex = this.hex(32);
    const variant = '89ab'[this.between(0, 3)];
    const parts = [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `4${hex.slice(13, 16)}`,
      `${variant}${hex.slice(17, 20)}`,
    ];
    return [...parts, hex.slice(20)].join('-');
  }
}

/** FNV-1a over UTF-16 units, started differently for each word of the state. */
function hash(text: string, variant: number): number {
  let value = (0x811c9dc5 ^ Math.imul(variant, 0x9e3779b1)) >>> 0;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return value;
}
