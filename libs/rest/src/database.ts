import { invalidField } from './problem.js';

/** The store whose keys carry one of Redis's database numbers. */
export const NUMBERED_STORE = 'default';

/** The database of a request; `text` has passed validation. Only the store `default` has more than number 0. */
export function databaseOf(store: string, text: string | undefined): number {
  const database = text === undefined ? 0 : Number(text);
  if (database !== 0 && store !== NUMBERED_STORE) {
    throw invalidField('database', text, `0, since only the store "${NUMBERED_STORE}" has numbered databases`);
  }
  return database;
}
