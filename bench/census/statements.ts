import { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Database } from '../../src/database.ts';

/**
 * Every statement that this process executes on one SQLite file, by the operation of the port it was executed for.
 * The driver is watched and not the port: an operation may well execute many. BEGIN and COMMIT go another way into
 * SQLite and are no statements here; the queues have a file of their own.
 */
export type Executed = Readonly<Record<string, number>>;

export interface Statements {
  readonly executed: Executed;
  /** From now on these operations are told apart; what is executed outside of them is `otherwise`. */
  tellApart(database: Database): void;
}

const EXECUTING = ['run', 'get', 'all', 'iterate'] as const;

/** To be called before the file is opened. `afterwards` is called after each statement. */
export function countStatements(file: string, afterwards: () => void): Statements {
  const executed: Record<string, number> = {};
  let operation = 'otherwise';
  const count = () => {
    executed[operation] = (executed[operation] ?? 0) + 1;
    afterwards();
  };
  watchDriver(file, count);
  const during =
    (name: string, work: (...args: unknown[]) => unknown) =>
    (...args: unknown[]) => {
      // node:sqlite is synchronous: what an operation executes, it has executed when its promise is returned.
      const outer = operation;
      operation = name;
      try {
        return work(...args);
      } finally {
        operation = outer;
      }
    };
  return {
    executed,
    tellApart: (database) => {
      const named = Object.entries(database).map(([name, work]) => [name, during(name, work)]);
      Object.assign(database, Object.fromEntries(named));
    },
  };
}

function watchDriver(file: string, count: () => void): void {
  const ofFile = new WeakSet<StatementSync>();
  const { prepare } = DatabaseSync.prototype;
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, ...args) {
    const statement = prepare.apply(this, args);
    if (this.location() === file) ofFile.add(statement);
    return statement;
  };
  for (const name of EXECUTING) {
    const execute = Reflect.get(StatementSync.prototype, name);
    Reflect.set(StatementSync.prototype, name, function (this: StatementSync, ...args: unknown[]) {
      if (ofFile.has(this)) count();
      return Reflect.apply(execute, this, args);
    });
  }
}
