/** The finished replies for absent keys ({@link CommandRow.absentReply}), made once for each protocol. */
import { ReplyWriter, type RespVersion } from '#libs/resp';
import type { AbsentReply } from './command-row.js';

const WRITERS: Readonly<Record<AbsentReply, (reply: ReplyWriter) => void>> = {
  null: (reply) => reply.nullBulk(),
  'null-array': (reply) => reply.nullArray(),
  zero: (reply) => reply.integer(0),
  'minus-two': (reply) => reply.integer(-2),
  none: (reply) => reply.simple('none'),
};

const REPLIES = { 2: repliesOf(2), 3: repliesOf(3) } as const;

/** RESP bytes that must not be changed. */
export function absentReplyBytes(kind: AbsentReply, version: RespVersion): Uint8Array {
  return REPLIES[version][kind];
}

function repliesOf(version: RespVersion): Readonly<Record<AbsentReply, Uint8Array>> {
  const bytesOf = (kind: AbsentReply): Uint8Array => {
    const reply = new ReplyWriter();
    reply.version = version;
    WRITERS[kind](reply);
    return reply.toBytes();
  };
  return {
    null: bytesOf('null'),
    'null-array': bytesOf('null-array'),
    zero: bytesOf('zero'),
    'minus-two': bytesOf('minus-two'),
    none: bytesOf('none'),
  };
}
