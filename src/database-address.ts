import { Secret } from './secrets.ts';

/**
 * Which database, as `DATABASE_URL` says it: `sqlite:<path>`, or
 * `mssql://user:password@host:1433/database?encrypt=true&trustServerCertificate=false`, or for Azure without a
 * password `mssql://server.database.windows.net/database?authentication=azure-active-directory-default`. Nothing
 * but the door of the database (db/open.ts) asks which of the two it is.
 */
export type DatabaseAddress = SqliteAddress | MssqlAddress;

export interface SqliteAddress {
  readonly kind: 'sqlite';
  readonly file: string;
}

export interface MssqlAddress {
  readonly kind: 'mssql';
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly login: Login;
  readonly encrypt: boolean;
  /** Only for a server of one's own: whoever stands between can then read and change everything. */
  readonly trustServerCertificate: boolean;
}

export type Login =
  | { readonly kind: 'password'; readonly user: string; readonly password: Secret }
  /** Microsoft Entra ID. `clientId` names a user-assigned identity; null leaves the choice to the environment. */
  | { readonly kind: IdentityKind; readonly clientId: string | null };

/** Names of the driver: whatever is at hand (a developer's login, a managed identity), or only the app's identity. */
const IDENTITY_KINDS = ['azure-active-directory-default', 'azure-active-directory-msi-app-service'] as const;
type IdentityKind = (typeof IDENTITY_KINDS)[number];

const OPTIONS = ['encrypt', 'trustServerCertificate', 'authentication', 'clientId'];
const PORT = 1433;

export type ParsedAddress =
  | { readonly address: DatabaseAddress }
  /** What is wrong, each a predicate of the URL, without any value of it: it may hold a password (R12). */
  | { readonly problems: readonly string[] };

export function parseDatabaseAddress(url: string): ParsedAddress {
  if (url.startsWith('sqlite:')) {
    const file = url.slice('sqlite:'.length);
    return file === ''
      ? { problems: ['names no file: use sqlite:<path>'] }
      : { address: { kind: 'sqlite', file } };
  }
  if (!url.startsWith('mssql://'))
    return { problems: ['names no database that is known: use sqlite:<path> or mssql://…, or leave it out'] };
  if (!URL.canParse(url))
    return {
      problems: [
        'is no URL like mssql://user:password@host:1433/database: write / ? # % : @ and blanks in user and password as %2F %3F %23 %25 %3A %40 %20, the port as a number up to 65535, and a named instance by its port',
      ],
    };
  return parsedMssql(new URL(url));
}

function parsedMssql(url: URL): ParsedAddress {
  const problems: string[] = [];
  const part = (text: string, name: string): string => decoded(text, name, problems);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const database = part(url.pathname.slice(1), 'the database');
  if (host === '') problems.push('names no host: mssql://…@host/database');
  if (database === '') problems.push('names no database: mssql://…@host/database');
  else if (url.pathname.slice(1).includes('/'))
    problems.push(
      'has more than the name of a database in its path: write / as %2F if it belongs to the name',
    );
  if (url.hash !== '') problems.push('ends in #…: write # as %23');
  for (const name of new Set(url.searchParams.keys()))
    if (!OPTIONS.includes(name)) problems.push(`has an unknown option: it knows ${OPTIONS.join(', ')}`);
    else if (url.searchParams.getAll(name).length > 1) problems.push(`has the option ${name} more than once`);
  const encrypt = yesOrNo(url, 'encrypt', true, problems);
  const trustServerCertificate = yesOrNo(url, 'trustServerCertificate', false, problems);
  const login = loginOf(url, part(url.username, 'the user'), part(url.password, 'the password'), problems);
  if (problems.length > 0 || login === null) return { problems: [...new Set(problems)] };
  const port = url.port === '' ? PORT : Number(url.port);
  return { address: { kind: 'mssql', host, port, database, login, encrypt, trustServerCertificate } };
}

function decoded(text: string, name: string, problems: string[]): string {
  try {
    return decodeURIComponent(text);
  } catch {
    problems.push(`has a % in ${name} that stands for nothing: write % as %25`);
    return text;
  }
}

function yesOrNo(url: URL, name: string, otherwise: boolean, problems: string[]): boolean {
  const text = url.searchParams.get(name) ?? String(otherwise);
  if (text !== 'true' && text !== 'false')
    problems.push(`has an option ${name} that is neither true nor false`);
  return text === 'true';
}

function loginOf(url: URL, user: string, password: string, problems: string[]): Login | null {
  const named = url.searchParams.get('authentication');
  const clientId = url.searchParams.get('clientId');
  if (named === null) {
    if (clientId !== null)
      problems.push(`has a clientId, which belongs to authentication=${IDENTITY_KINDS[0]}`);
    if (user === '' || password === '')
      problems.push(
        `has no ${user === '' ? 'user' : 'password'}: write mssql://user:password@…, or add authentication=${IDENTITY_KINDS[0]}`,
      );
    return { kind: 'password', user, password: new Secret(password) };
  }
  const kind = IDENTITY_KINDS.find((known) => known === named);
  if (kind === undefined)
    problems.push(`has an unknown authentication: it knows ${IDENTITY_KINDS.join(', ')}`);
  if (user !== '' || password !== '')
    problems.push('has both authentication and a user or password: leave one of the two out');
  return kind === undefined ? null : { kind, clientId };
}
