import { errorText } from '#libs/kernel';
import { integerArgument } from './number-arguments.js';
import type { Request } from './request.js';

/** The number of one of the sixteen databases, as SELECT and COPY take it. */

export const DATABASE_COUNT = 16;

const NO_INTEGER = -1;
const NO_INT32 = -2;
const NO_DATABASE = -3;
type DatabaseError = typeof NO_INTEGER | typeof NO_INT32 | typeof NO_DATABASE;

/** Texts of the negative answers of {@link databaseArgument}. */
export const DATABASE_ERRORS: Readonly<Record<DatabaseError, string>> = {
  [NO_INTEGER]: errorText('NOT_AN_INTEGER'),
  [NO_INT32]: 'ERR value is out of range, value must between -2147483648 and 2147483647',
  [NO_DATABASE]: 'ERR DB index is out of range',
};

/** 0..15, or an error that {@link isDatabaseError} tells. */
export function databaseArgument(request: Request, index: number): number {
  const value = integerArgument(request, index);
  if (value === undefined) return NO_INTEGER;
  if (value !== (value | 0)) return NO_INT32;
  return value < 0 || value >= DATABASE_COUNT ? NO_DATABASE : value;
}

export function isDatabaseError(database: number): database is DatabaseError {
  return database < 0;
}
