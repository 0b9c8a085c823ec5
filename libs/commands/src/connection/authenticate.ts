import type { GatewayContext } from '../gateway-context.js';
import { argumentText, MAX_TEXT_BYTES } from '../request.js';

/** Stands for the user of AUTH with a password alone. */
export const DEFAULT_USER = 0;
const DEFAULT_USER_NAME = 'default';

/**
 * Checks the password that argument `passwordIndex` holds and makes the connection the user's whose name stands at
 * `userIndex` (or {@link DEFAULT_USER}). False where it is wrong, or so long that its text would be cut.
 */
export function authenticate(context: GatewayContext, userIndex: number, passwordIndex: number): boolean {
  const { request, session } = context;
  if (request.lengths[passwordIndex] > MAX_TEXT_BYTES) return false;
  if (userIndex !== DEFAULT_USER && request.lengths[userIndex] > MAX_TEXT_BYTES) return false;
  const user = userIndex === DEFAULT_USER ? DEFAULT_USER_NAME : argumentText(request, userIndex);
  if (!context.verifyPassword(user, argumentText(request, passwordIndex))) return false;
  session.user = user;
  session.authenticated = true;
  return true;
}
