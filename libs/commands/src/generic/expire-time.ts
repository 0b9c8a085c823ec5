import type { Outcome } from '../command.js';
import { expiryArgument, INVALID_EXPIRY, NOT_AN_INTEGER } from '../number-arguments.js';
import { fail, failWith } from '../replies.js';
import { argumentIs, quotedText } from '../request.js';
import type { Request } from '../request.js';
import { ABSENT, NO_EXPIRY } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';

/** EXPIRE and its family: `key time [NX | XX | GT | LT]`. */

const NX = 1;
const XX = 2;
const GT = 4;
const LT = 8;
const UNKNOWN = 0;

/**
 * @param unitMs what the argument counts, in milliseconds
 * @param relative true where the argument is a time to live, false where it is a time
 */
export function executeExpire(
  context: StorageContext,
  unitMs: 1 | 1000,
  relative: boolean,
  commandName: string,
): Outcome {
  const { keyspace, nowMs, reply, request } = context;
  let conditions = 0;
  for (let i = 3; i < request.count; i++) {
    const condition = conditionAt(request, i);
    if (condition === UNKNOWN) return failWith(context, `ERR Unsupported option ${quotedText(request, i)}`);
    conditions |= condition;
  }
  if ((conditions & NX) !== 0 && conditions !== NX) return failWith(context, NX_CONFLICT);
  if ((conditions & (GT | LT)) === (GT | LT)) return failWith(context, GT_LT_CONFLICT);
  const expiresAtMs = expiryArgument(request, 2, unitMs, relative ? nowMs : 0, false);
  if (expiresAtMs === NOT_AN_INTEGER) return fail(context, 'NOT_AN_INTEGER');
  if (expiresAtMs === INVALID_EXPIRY) return failWith(context, `ERR invalid expire time in '${commandName}' command`);
  const ref = keyspace.lookupForWrite(1);
  if (
    ref === ABSENT ||
    (conditions !== 0 && !conditionsHold(conditions, keyspace.view(ref).expiresAtMs, expiresAtMs))
  ) {
    reply.integer(0);
    return 'done';
  }
  if (expiresAtMs <= nowMs) keyspace.remove(1, ref, 'deleted');
  else if (!keyspace.setExpiry(1, ref, expiresAtMs)) return 'done';
  reply.integer(1);
  return 'done';
}

const NX_CONFLICT = 'ERR NX and XX, GT or LT options at the same time are not compatible';
const GT_LT_CONFLICT = 'ERR GT and LT options at the same time are not compatible';

function conditionAt(request: Request, index: number): number {
  if (argumentIs(request, index, 'nx')) return NX;
  if (argumentIs(request, index, 'xx')) return XX;
  if (argumentIs(request, index, 'gt')) return GT;
  return argumentIs(request, index, 'lt') ? LT : UNKNOWN;
}

/** No expiry counts as later than any time. */
function conditionsHold(conditions: number, currentMs: number, nextMs: number): boolean {
  const none = currentMs === NO_EXPIRY;
  if ((conditions & NX) !== 0 && !none) return false;
  if ((conditions & XX) !== 0 && none) return false;
  if ((conditions & GT) !== 0 && (none || nextMs <= currentMs)) return false;
  return (conditions & LT) === 0 || none || nextMs < currentMs;
}
