import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { driverConfig } from '../db/mssql/address.ts';
import { readConfig, readDatabaseAddress } from '../src/config.ts';
import { type MssqlAddress, parseDatabaseAddress } from '../src/database-address.ts';
import { Secret } from '../src/secrets.ts';

/** DATABASE_URL: which database it names, how the driver is told, and what is said of one that names none. */

function serverOf(url: string): MssqlAddress {
  const parsed = parseDatabaseAddress(url);
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  if (parsed.address.kind !== 'mssql') throw new Error('no server');
  return parsed.address;
}

function problemsOf(url: string): readonly string[] {
  const parsed = parseDatabaseAddress(url);
  return 'problems' in parsed ? parsed.problems : [];
}

describe('an address', () => {
  test('is the embedded database, or no word about it', () => {
    expect(readDatabaseAddress({})).toEqual({ kind: 'sqlite', file: '.driftless/driftless.db' });
    expect(readDatabaseAddress({ DATABASE_URL: '' })).toMatchObject({ kind: 'sqlite' });
    expect(readDatabaseAddress({ DATABASE_URL: 'sqlite:/var/a b.db' })).toEqual({
      kind: 'sqlite',
      file: '/var/a b.db',
    });
  });

  test('is a server with user and password, encrypted and its certificate checked unless it says otherwise', () => {
    const login = { kind: 'password', user: 'sa', password: new Secret('x') };
    const server = { kind: 'mssql', host: 'db.example.com', port: 1433, database: 'mirror', login };
    expect(serverOf('mssql://sa:x@db.example.com/mirror')).toEqual({
      ...server,
      encrypt: true,
      trustServerCertificate: false,
    });
    const local = 'mssql://sa:x@127.0.0.1:14330/mirror?encrypt=false&trustServerCertificate=true';
    expect(serverOf(local)).toMatchObject({
      host: '127.0.0.1',
      port: 14330,
      encrypt: false,
      trustServerCertificate: true,
    });
  });

  test('has whatever signs its parts need', () => {
    const odd = serverOf('mssql://the%40user:p%2Fa%3Fs%23s%25%3A%20w%40rd@[::1]:1/my%20%2Fmirror');
    expect(odd).toMatchObject({ host: '::1', port: 1, database: 'my /mirror', login: { user: 'the@user' } });
    expect(driverConfig(odd).password).toBe('p/a?s#s%: w@rd');
  });

  test('of Azure needs no password', () => {
    const url = 'mssql://s.database.windows.net/d?authentication=azure-active-directory-default';
    expect(driverConfig(serverOf(url))).toEqual({
      server: 's.database.windows.net',
      port: 1433,
      database: 'd',
      options: { encrypt: true, trustServerCertificate: false },
      authentication: { type: 'azure-active-directory-default', options: {} },
    });
    expect(driverConfig(serverOf(`${url}&clientId=4711`)).authentication).toEqual({
      type: 'azure-active-directory-default',
      options: { clientId: '4711' },
    });
  });

  test('never prints its password (R12)', () => {
    const config = readConfig({ DATABASE_URL: 'mssql://sa:hush@host/d' });
    expect(inspect(config, { depth: null, showHidden: true })).not.toContain('hush');
    expect(JSON.stringify(config)).not.toContain('hush');
    expect(JSON.stringify(config)).toContain('[secret]');
  });
});

describe('what names no database is refused with what to write', () => {
  const IDENTITY = 'authentication=azure-active-directory-default';
  test.each<[string, string, RegExp]>([
    ['another database', 'postgres://u:hush@h/d', /use sqlite:<path> or mssql:/],
    ['a connection string', 'Server=h;Password=hush', /use sqlite:<path> or mssql:/],
    ['no file', 'sqlite:', /names no file: use sqlite:<path>/],
    ['a slash in the password', 'mssql://u:hu/sh@h/d', /write \/ .* as %2F/],
    ['a # in the password', 'mssql://u:hu#sh@h/d', /# .* %23/],
    ['a ? in the password', 'mssql://u:hu?sh@h/d', /\? .* %3F/],
    ['a % in the password', 'mssql://u:hush%zz@h/d', /% in the password .* %25/],
    ['a port that is none', 'mssql://u:hush@h:70000/d', /port as a number up to 65535/],
    ['a named instance', 'mssql://u:hush@h\\SQLEXPRESS/d', /named instance by its port/],
    ['no host', 'mssql:///d?authentication=azure-active-directory-default', /names no host/],
    ['no database', 'mssql://u:hush@h', /names no database: mssql:/],
    ['a path', 'mssql://u:hush@h/a/hush', /more than the name of a database/],
    ['a fragment', 'mssql://u:hush@h/d#hush', /# as %23/],
    ['no user', 'mssql://h/d', /has no user: .*authentication=/],
    ['no password', 'mssql://u@h/d', /has no password: .*authentication=/],
    ['two ways to log in', `mssql://u:hush@h/d?${IDENTITY}`, /leave one of the two out/],
    ['an unknown way', 'mssql://h/d?authentication=hush', /it knows azure-active-directory-default, /],
    ['an identity without its way', 'mssql://u:hush@h/d?clientId=hush', /belongs to authentication=/],
    ['an unknown option', 'mssql://u:hush@h/d?hush=1', /unknown option: it knows encrypt, /],
    ['an option twice', 'mssql://u:hush@h/d?encrypt=true&encrypt=false', /encrypt more than once/],
    ['neither yes nor no', 'mssql://u:hush@h/d?encrypt=hush', /encrypt that is neither true nor false/],
  ])('%s', (_, url, says) => {
    expect(problemsOf(url)).toEqual([expect.stringMatching(says)]);
    expect(problemsOf(url).join()).not.toContain('hush');
  });

  test('every problem at once, with those of the rest of the configuration', () => {
    expect(problemsOf('mssql://u@h?encrypt=1&trustServerCertificate=1&x=y')).toHaveLength(5);
    const both = { DATABASE_URL: 'mssql://u@h', PORT: 'x' };
    expect(() => readConfig(both)).toThrow(
      /has 3 problem\(s\):(.|\n)*DATABASE_URL.*(.|\n)*DATABASE_URL(.|\n)*PORT/,
    );
  });
});
