/** What a run found broken: `R5: the watermark passed customers 42`. Rule first, nothing personal. */
export class Violations {
  readonly found: string[] = [];

  add(rule: string, what: string): void {
    const text = `${rule}: ${what}`;
    if (!this.found.includes(text)) this.found.push(text);
  }
}
