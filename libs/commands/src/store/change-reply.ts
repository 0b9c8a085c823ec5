import type { ChangeOutcome } from '#libs/cluster';
import type { ReplyWriter } from '#libs/resp';

/** What a client hears of a change that it asked for: OK, or why it was not made. */
export function replyToChange(reply: ReplyWriter, outcome: ChangeOutcome): void {
  if (outcome.ok) reply.ok();
  else reply.error(`${prefixOf(outcome.code)} ${outcome.reason}`);
}

function prefixOf(code: Exclude<ChangeOutcome, { ok: true }>['code']): string {
  if (code === 'unavailable' || code === 'no-quorum') return 'CLUSTERDOWN';
  return code === 'timeout' ? 'TIMEOUT' : 'ERR';
}
