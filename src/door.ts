/** What the doors for HTTP have in common. Headers that every answer carries are host.json's. */

/** The body, or null when it is longer than that. What says so in advance is not even read. */
export async function boundedBody(
  request: {
    readonly headers: { get(name: string): string | null };
    arrayBuffer(): Promise<ArrayBuffer>;
  },
  bytesMax: number,
): Promise<Uint8Array | null> {
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) return null;
  const body = new Uint8Array(await request.arrayBuffer());
  return body.byteLength > bytesMax ? null : body;
}
