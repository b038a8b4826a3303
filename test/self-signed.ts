import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

/**
 * A certificate for 127.0.0.1, made anew for each test run and signed by itself: what Azure's clients need to talk to
 * a stub, for they insist on https. X.509 in DER, as little of it as a client of Node's accepts.
 */
export interface SelfSigned {
  readonly key: string;
  readonly cert: string;
}

export function selfSigned(): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const body = toBeSigned(publicKey);
  const signature = sign('sha256', body, privateKey);
  const der = sequence(body, ECDSA_SHA256, der1(BIT_STRING, Buffer.concat([Buffer.from([0]), signature])));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
  };
}

/** From now on this process believes in it, beside what it believed in before. */
export const trust = ({ cert }: SelfSigned): void =>
  setDefaultCACertificates([...getCACertificates('default'), cert]);

const [INTEGER, BIT_STRING, OCTET_STRING, OID, UTF8, UTC_TIME] = [0x02, 0x03, 0x04, 0x06, 0x0c, 0x17];
const [SEQUENCE, SET, VERSION, EXTENSIONS, IP_ADDRESS] = [0x30, 0x31, 0xa0, 0xa3, 0x87];

function der1(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...contents: readonly Buffer[]): Buffer => der1(SEQUENCE, ...contents);
const oid = (hex: string): Buffer => der1(OID, Buffer.from(hex, 'hex'));
const integer = (value: number): Buffer => der1(INTEGER, Buffer.from([value]));
const time = (at: number): Buffer =>
  der1(UTC_TIME, Buffer.from(`${new Date(at).toISOString().replace(/\D/g, '').slice(2, 14)}Z`));

const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'));
const COMMON_NAME = '550403';
const SUBJECT_ALT_NAME = '551d11';
const DAY_MS = 24 * 3_600_000;

function toBeSigned(publicKey: KeyObject): Buffer {
  const name = sequence(der1(SET, sequence(oid(COMMON_NAME), der1(UTF8, Buffer.from('127.0.0.1')))));
  const names = sequence(der1(IP_ADDRESS, Buffer.from([127, 0, 0, 1])));
  const now = Date.now();
  return sequence(
    der1(VERSION, integer(2)),
    integer(1),
    ECDSA_SHA256,
    name,
    sequence(time(now - DAY_MS), time(now + DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der1(EXTENSIONS, sequence(sequence(oid(SUBJECT_ALT_NAME), der1(OCTET_STRING, names)))),
  );
}
