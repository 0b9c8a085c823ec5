import type { Outcome } from '../command.js';
import { expiryArgument } from '../number-arguments.js';
import type { StorageContext } from '../storage-context.js';
import { storeValue } from './store-value.js';
import { failExpiry, isExpiryError } from './string-options.js';

/** SETEX and PSETEX: key, time to live, value. */
export function setWithExpiry(context: StorageContext, unitMs: 1 | 1000, commandName: string): Outcome {
  const expiresAtMs = expiryArgument(context.request, 2, unitMs, context.nowMs, true);
  if (isExpiryError(expiresAtMs)) return failExpiry(context, expiresAtMs, commandName);
  if (storeValue(context, 1, 3, expiresAtMs)) context.reply.ok();
  return 'done';
}
