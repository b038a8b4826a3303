import type sql from 'mssql';

/**
 * The numbers by which a server refuses a connection. The driver's error says only that the login failed: the same for
 * a wrong password and for a database that is being moved, paused or throttled, and a missing database is even
 * announced by its own number (4060) with that of a wrong password (18456) behind it. So the numbers are taken
 * from the messages that precede the error.
 */
const refusals = new WeakMap<object, readonly number[]>();

/** For the pool's configuration. */
export const noteRefusal: NonNullable<sql.config['beforeConnect']> = (connection) => {
  const numbers: number[] = [];
  connection.on('errorMessage', ({ number }) => numbers.push(number));
  connection.on('connect', (error) => {
    if (error) refusals.set(error, numbers);
  });
};

/** Of an error of the pool's; none when the server was not reached, or its answer not understood. */
export const refusalOf = (error: Error): readonly number[] =>
  refusals.get(
    'originalError' in error && error.originalError instanceof Error ? error.originalError : error,
  ) ?? [];
