import { DrizzleQueryError } from 'drizzle-orm';
import sql from 'mssql';
import { Fenced, LoginRefused, Reject, Transient } from '../../src/failures.ts';
import { refusalOf } from './logins.ts';

/**
 * Errors of the driver and of the server, by code and number, as the failures they mean. What they say is never
 * passed on, not even as a cause: the text of a duplicate key or of a value that is too long contains the value
 * (R12). The number leads to the server's own documentation
 * (learn.microsoft.com: "Database engine events and errors", "Troubleshoot transient connection errors").
 */
export interface Failure {
  readonly error: unknown;
  /** The shortest wait before trying again, if the server undid everything; null where that helps nobody. */
  readonly tryAgainMs: number | null;
}

/** Thrown by our own batches (leases.ts, statements.ts). */
export const FENCED = 50010;
export const LOCK_TIMEOUT = 50011;

interface Meaning {
  readonly numbers: readonly number[];
  readonly tryAgainMs: number | null;
  readonly error: (statement: string, cause: Error) => Error;
}

const MEANINGS: readonly Meaning[] = [
  {
    numbers: [FENCED],
    tryAgainMs: null,
    error: (statement) => new Fenced(`The lease is lost: ${statement} wrote nothing.`),
  },
  // Somebody else was first, or holds what is needed (a lock, or memory): it is over soon.
  {
    numbers: [701, 802, 1204, 1205, 1222, 1807, 2601, 2627, 3960, 8628, 8645, 8651, LOCK_TIMEOUT],
    tryAgainMs: 50,
    error: (statement, cause) =>
      new Transient(`Too much else was going on in the database for ${statement}. It is tried again.`, {
        cause,
      }),
  },
  // Moving to another machine, paused, throttling or restarting.
  {
    numbers: [
      596, 615, 926, 976, 983, 3906, 4221, 6005, 10928, 10929, 10936, 18401, 40020, 40143, 40166, 40197,
      40501, 40540, 40549, 40550, 40551, 40552, 40553, 40613, 40671, 42108, 42109, 49918, 49919, 49920,
    ],
    tryAgainMs: 1_000,
    error: (statement, cause) =>
      new Transient(
        `The database was not available for ${statement}. It is tried again; should it last, look at its metrics, and raise its service tier if it is at its limits.`,
        { cause, retryAfterMs: 10_000 },
      ),
  },
  // So say servers while a database moves, and for ever of one that is not there.
  {
    numbers: [911, 4060],
    tryAgainMs: 1_000,
    error: (statement, cause) =>
      new Transient(
        `The database could not be opened for ${statement}. It is tried again; should it last, look at its name in DATABASE_URL, and give the user of the login a user in it.`,
        { cause, retryAfterMs: 10_000 },
      ),
  },
  {
    numbers: [1101, 1105, 9002, 40544],
    tryAgainMs: null,
    error: (statement, cause) =>
      new Transient(`The database is full: ${statement} failed. It is tried again; give it more space.`, {
        cause,
        retryAfterMs: 60_000,
      }),
  },
  {
    numbers: [207, 208, 2812],
    tryAgainMs: null,
    error: (statement, cause) =>
      new Reject(
        `The database lacks what ${statement} needs. Run \`npm run db:migrate\`; its compatibility level has to be 130 or more.`,
        { cause },
      ),
  },
  {
    numbers: [229, 230, 262, 297, 300, 916, 1088],
    tryAgainMs: null,
    error: (statement, cause) =>
      new Reject(`The database user may not do what ${statement} does. Run docs/users.sql.`, { cause }),
  },
];

/** `statement` is the name by which the error is to call what failed. */
export function failureOf(thrown: unknown, statement: string): Failure {
  const error = thrown instanceof DrizzleQueryError ? thrown.cause : thrown;
  if (error instanceof sql.RequestError) return ofRequest(error, statement);
  // tarn's, when every connection of the pool stayed in use.
  if (error instanceof sql.ConnectionError || (error instanceof Error && error.name === 'TimeoutError'))
    return ofConnection(error, statement);
  return { error, tryAgainMs: null };
}

function ofRequest(error: sql.RequestError, statement: string): Failure {
  const all = [...precedingOf(error), error];
  const numbers = all.map(({ number }) => number).filter((number) => typeof number === 'number');
  const cause = new Error(all.map(bare).join('; '));
  const meaning = meaningOf(numbers);
  if (meaning) return { error: meaning.error(statement, cause), tryAgainMs: meaning.tryAgainMs };
  if (numbers.length === 0 && BROKEN.has(error.code))
    return { error: unknown(statement, cause), tryAgainMs: null };
  const which = numbers.length > 0 ? `error ${numbers[0]} of the database` : error.code;
  const bug = `${statement} failed with ${which}. This is a bug: report it with the version of the database.`;
  return { error: new Error(bug, { cause }), tryAgainMs: null };
}

/** The connection broke, or the answer did not come in time: what was sent may have taken effect or not. */
const BROKEN: ReadonlySet<string> = new Set([
  'ECLOSE',
  'ECONNCLOSED',
  'ECONNRESET',
  'EPIPE',
  'ESOCKET',
  'ETIMEOUT',
  'EINVALIDSTATE',
  'ECANCEL',
  // An error of the connection itself, which the driver passes on without its code: the server's have a number.
  'EREQUEST',
]);

const unknown = (statement: string, cause: Error): Error =>
  new Transient(`The database did not answer ${statement}. It is tried again.`, { cause });

/** Nothing was sent yet. */
function ofConnection(error: Error, statement: string): Failure {
  const numbers = refusalOf(error);
  const code = codeOf(error);
  const cause = new Error([code, ...numbers].join('; '));
  const meaning = meaningOf(numbers);
  if (meaning) return { error: meaning.error(statement, cause), tryAgainMs: meaning.tryAgainMs };
  if (code === 'ELOGIN') {
    const advice = 'Correct user and password in DATABASE_URL, or give the identity a user in the database.';
    return {
      error: new LoginRefused(`The database refused the login. ${advice}`, { cause }),
      tryAgainMs: null,
    };
  }
  const advice =
    code === 'EFEDAUTH'
      ? 'It is tried again; should it last, give this app a managed identity, or name the right clientId in DATABASE_URL.'
      : 'It is tried again; should it last, look at the address in DATABASE_URL and at firewalls.';
  return {
    error: new Transient(`No connection to the database for ${statement} (${code}). ${advice}`, {
      cause,
      retryAfterMs: 5_000,
    }),
    tryAgainMs: 500,
  };
}

/** The driver tells a missing token by an error that has others inside. */
function codeOf(error: Error): string {
  const original = 'originalError' in error ? error.originalError : error;
  const told: unknown = original instanceof AggregateError ? original.errors[0] : error;
  const code = told instanceof Error && 'code' in told ? told.code : undefined;
  return typeof code === 'string' ? code : error.name;
}

const meaningOf = (numbers: readonly number[]): Meaning | undefined =>
  MEANINGS.find((each) => numbers.some((number) => each.numbers.includes(number)));

const precedingOf = (error: sql.RequestError): readonly sql.RequestError[] =>
  'precedingErrors' in error && Array.isArray(error.precedingErrors)
    ? error.precedingErrors.filter((each) => each instanceof sql.RequestError)
    : [];

const bare = ({ number, code, state, lineNumber }: sql.RequestError): string =>
  `${number ?? code}, state ${state ?? '-'}, line ${lineNumber ?? '-'}`;
