import type { ReplyWriter } from '#libs/resp';

/** A time in milliseconds since 1970, nil where it is not known (0). */
export function replyTime(reply: ReplyWriter, timeMs: number): void {
  if (timeMs === 0) reply.nullBulk();
  else reply.integer(timeMs);
}
