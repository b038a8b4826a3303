import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/**
 * As much of SQL Server's protocol (MS-TDS) as it takes to refuse a login with errors of one's choice: the answer to
 * PRELOGIN (no encryption), and to LOGIN7 an ERROR token for each number.
 */
export interface RefusingServer {
  readonly port: number;
  /** Logins so far. */
  logins(): number;
  close(): Promise<void>;
}

const [PRELOGIN, LOGIN7, RESPONSE] = [0x12, 0x10, 0x04];

export async function refusingServer(...numbers: readonly number[]): Promise<RefusingServer> {
  let logins = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    // Both packets of the client are small: each comes as one chunk.
    socket.on('data', (packet) => {
      if (packet[0] === PRELOGIN) socket.write(response(preloginAnswer));
      if (packet[0] !== LOGIN7) return;
      logins += 1;
      socket.write(response(Buffer.concat([...numbers.map(errorToken), done])));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { port: address.port, logins: () => logins, close };
}

function response(payload: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(RESPONSE, 0);
  header.writeUInt8(1, 1);
  header.writeUInt16BE(header.length + payload.length, 2);
  return Buffer.concat([header, payload]);
}

/** VERSION 16.0, ENCRYPTION not supported. */
const preloginAnswer = Buffer.from([
  ...[0x00, 0, 11, 0, 6],
  ...[0x01, 0, 17, 0, 1],
  0xff,
  ...[16, 0, 0, 0, 0, 0],
  0x02,
]);

function errorToken(number: number): Buffer {
  const text = Buffer.from(`Login of ann@example.com failed (${number}).`, 'utf16le');
  const body = Buffer.alloc(8 + text.length + 6);
  body.writeInt32LE(number, 0);
  body.writeUInt8(1, 4);
  body.writeUInt8(14, 5);
  body.writeUInt16LE(text.length / 2, 6);
  text.copy(body, 8);
  const head = Buffer.alloc(3);
  head.writeUInt8(0xaa, 0);
  head.writeUInt16LE(body.length, 1);
  return Buffer.concat([head, body]);
}

/** DONE with an error, no count. */
const done = Buffer.from([0xfd, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
