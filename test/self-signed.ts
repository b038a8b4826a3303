import { generateKeyPairSync, sign } from 'node:crypto';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

/**
 * A certificate for this machine, signed by itself and good for a day: what a stub needs that Azure's clients talk to,
 * who send tokens over TLS alone. Made anew in each test, so that no private key lies in the repository.
 */
export interface SelfSigned {
  readonly key: string;
  readonly cert: string;
}

export function selfSigned(now: number): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(set(sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from('localhost')))));
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const validity = sequence(utcTime(now - DAY_MS), utcTime(now + DAY_MS));
  const extensions = sequence(
    sequence(oid(0x55, 0x1d, 0x13), der(0x04, sequence(der(0x01, Buffer.from([0xff]))))),
    sequence(oid(0x55, 0x1d, 0x11), der(0x04, sequence(address, dnsName))),
  );
  const version = der(0xa0, integer(2));
  const content = [version, integer(now), ECDSA_SHA256, name, validity, name, spki, der(0xa3, extensions)];
  const certificate = sequence(...content);
  const signature = sign('sha256', certificate, privateKey);
  const signed = sequence(certificate, ECDSA_SHA256, der(0x03, Buffer.from([0]), signature));
  const lines = signed.toString('base64').replace(/.{64}/g, '$&\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}

/** From now on this process believes in it, beside what it believed in before. */
export const trust = ({ cert }: SelfSigned): void =>
  setDefaultCACertificates([...getCACertificates('default'), cert]);

const DAY_MS = 86_400_000;

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: readonly Buffer[]) => der(0x30, ...parts);
const set = (...parts: readonly Buffer[]) => der(0x31, ...parts);
const oid = (...bytes: readonly number[]) => der(0x06, Buffer.from(bytes));
const utcTime = (at: number) =>
  der(0x17, Buffer.from(`${new Date(at).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));

function integer(value: number): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return der(0x02, ...(bytes[0]! >= 0x80 ? [Buffer.from([0])] : []), bytes);
}

const ECDSA_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const address = der(0x87, Buffer.from([127, 0, 0, 1]));
const dnsName = der(0x82, Buffer.from('localhost'));
