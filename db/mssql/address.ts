import type sql from 'mssql';
import type { Login, MssqlAddress } from '../../src/database-address.ts';

/**
 * The driver's configuration for an address. An object, since the driver's connection strings lose every way to log
 * in but user and password. Here alone is the password revealed.
 */
export function driverConfig(address: MssqlAddress): sql.config {
  const { host, port, database, login, encrypt, trustServerCertificate } = address;
  return {
    server: host,
    port,
    database,
    options: { encrypt, trustServerCertificate },
    ...credentials(login),
  };
}

function credentials(login: Login): Pick<sql.config, 'user' | 'password' | 'authentication'> {
  if (login.kind === 'password') return { user: login.user, password: login.password.reveal() };
  const { kind, clientId } = login;
  return { authentication: { type: kind, options: clientId === null ? {} : { clientId } } };
}

/** How errors call the database: its name and its server's, and nobody's credentials. */
export const databaseName = ({ host, port, database }: MssqlAddress): string =>
  `the database ${database} on ${host}:${port}`;
