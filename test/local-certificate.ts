import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

/**
 * A certificate for https on this machine, made anew by each run: Azure's SDKs speak https only, and a key that lies
 * in a repository is no secret. X.509 written out in DER (RFC 5280), as Node can read certificates but not make them.
 */
export interface LocalCertificate {
  readonly key: string;
  readonly cert: string;
}

/** From now on https clients of this process trust it. */
export function trustedLocally(): LocalCertificate {
  const made = makeCertificate();
  setDefaultCACertificates([...getCACertificates('default'), made.cert]);
  return made;
}

const DAY_MS = 24 * 3_600_000;

function makeCertificate(): LocalCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(set(sequence(oid('550403'), text(0x0c, 'driftless test'))));
  const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
  const extensions = sequence(
    sequence(oid('551d11'), octets(sequence(bytes(0x87, [127, 0, 0, 1]), text(0x82, 'localhost')))),
    sequence(oid('551d13'), octets(sequence(bytes(0x01, [0xff])))),
  );
  const signed = sequence(
    element(0xa0, bytes(0x02, [2])),
    bytes(0x02, [1]),
    ecdsaWithSha256,
    name,
    sequence(time(Date.now() - DAY_MS), time(Date.now() + DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, extensions),
  );
  const signature = sign('sha256', signed, privateKey);
  const der = sequence(signed, ecdsaWithSha256, element(0x03, Buffer.from([0]), signature));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: new X509Certificate(der).toString(),
  };
}

function element(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...contents: readonly Buffer[]) => element(0x30, ...contents);
const set = (...contents: readonly Buffer[]) => element(0x31, ...contents);
const octets = (content: Buffer) => element(0x04, content);
const bytes = (tag: number, content: readonly number[]) => element(tag, Buffer.from(content));
const text = (tag: number, content: string) => element(tag, Buffer.from(content));
const oid = (hex: string) => element(0x06, Buffer.from(hex, 'hex'));
/** UTCTime: YYMMDDhhmmssZ. */
const time = (at: number) =>
  text(
    0x17,
    `${new Date(at)
      .toISOString()
      .replace(/[-:T]|\.\d+/g, '')
      .slice(2)}`,
  );
