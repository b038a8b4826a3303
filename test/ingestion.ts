import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { selfSigned, trust } from './self-signed.ts';

/** Application Insights as its SDK sees it: an https address that takes batches of envelopes. */
export interface Envelope {
  readonly name: string;
  readonly time: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly data: { readonly baseType: string; readonly baseData: Item };
}

/** A measurement, a span or a line of the log, each with some of these. */
export interface Item {
  readonly id?: string;
  readonly name?: string;
  readonly type?: string;
  /** Of a request: where it went. */
  readonly data?: string;
  readonly success?: boolean;
  readonly message?: string;
  readonly severityLevel?: string;
  readonly metrics?: readonly Sample[];
  readonly properties: Readonly<Record<string, string>>;
}

export interface Sample {
  readonly name: string;
  readonly value: number;
  readonly count: number;
  readonly min?: number;
  readonly max?: number;
}

export interface Ingestion {
  readonly connectionString: string;
  /** For another process, that has to be told to believe in it. */
  readonly certificate: string;
  /** Everything that arrived, latest last. */
  readonly envelopes: readonly Envelope[];
  /** As it arrived, to be searched for what must not be in it. */
  readonly texts: readonly string[];
  readonly authorizations: ReadonlySet<string>;
  /** What the next requests are answered. */
  status: number;
  stop(): Promise<void>;
}

export async function openIngestion(): Promise<Ingestion> {
  const certificate = selfSigned(Date.now());
  trust(certificate);
  const envelopes: Envelope[] = [];
  const texts: string[] = [];
  const authorizations = new Set<string>();
  const server = createServer(certificate, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
    texts.push(JSON.stringify(request.headers), text);
    authorizations.add(request.headers.authorization ?? '');
    const batch: Envelope[] = text === '' ? [] : JSON.parse(text);
    if (ingestion.status === 200) envelopes.push(...batch);
    response.writeHead(ingestion.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ itemsReceived: batch.length, itemsAccepted: batch.length, errors: [] }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  // The SDK keeps what it could not send in the directory for temporary files.
  const before = { TMPDIR: process.env['TMPDIR'], APPLICATION_INSIGHTS_NO_STATSBEAT: '' };
  const files = mkdtempSync(join(tmpdir(), 'ingestion-'));
  process.env['TMPDIR'] = files;
  process.env['APPLICATION_INSIGHTS_NO_STATSBEAT'] = '1';
  const ingestion: Ingestion = {
    connectionString: `InstrumentationKey=00000000-0000-4000-8000-000000000001;IngestionEndpoint=https://127.0.0.1:${port}/`,
    certificate: certificate.cert,
    envelopes,
    texts,
    authorizations,
    status: 200,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      if (before.TMPDIR === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before.TMPDIR;
      rmSync(files, { recursive: true, force: true });
    },
  };
  return ingestion;
}
