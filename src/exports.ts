/**
 * Where the answers to data requests are put for the operator, who sends them on. They are the one thing with personal
 * data outside the mirror: names tell nothing, and files are removed with the person, with the store, and with time.
 */
export interface Exports {
  /** Whole or not at all; the same name again replaces it. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Removes it if it is there. Answers whether it was. */
  remove(name: string): Promise<boolean>;
  /** In words for the operator: where a file of this name is. */
  whereIs(name: string): string;
}
