import { REPLY_KINDS, ReplyStream } from './reply-stream.js';

const TEXT = '+OK\r\n$5\r\na\r\nb1\r\n$-1\r\n-TRYAGAIN later\r\n:-17\r\n$0\r\n\r\n';
const REPLIES = [
  [REPLY_KINDS.ok, 'OK'],
  [REPLY_KINDS.bulk, 'a\r\nb1'],
  [REPLY_KINDS.nil, ''],
  [REPLY_KINDS.error, 'TRYAGAIN later'],
  [REPLY_KINDS.integer, '-17'],
  [REPLY_KINDS.bulk, ''],
];

function taken(chunks: readonly string[]): unknown[] {
  const replies: unknown[] = [];
  const stream = new ReplyStream((kind, bytes, at, length) =>
    replies.push([kind, bytes.toString('latin1', at, at + length)]),
  );
  for (const chunk of chunks) stream.take(Buffer.from(chunk, 'latin1'));
  return replies;
}

describe('ReplyStream', () => {
  it('takes replies apart however they are cut', () => {
    for (let cut = 0; cut <= TEXT.length; cut++) {
      expect(taken([TEXT.slice(0, cut), TEXT.slice(cut)])).toEqual(REPLIES);
    }
    expect(taken([...TEXT])).toEqual(REPLIES);
  });

  it('refuses what is no reply', () => {
    expect(() => taken(['hello\r\n'])).toThrow('not a reply: "hello\\r\\n"');
  });
});
