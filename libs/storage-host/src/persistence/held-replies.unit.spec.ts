import { errorText } from '#libs/kernel';
import { ReplyWriter } from '#libs/resp';
import { beginRepliesFrame, beginReply, endReply, finishRepliesFrame, RepliesReader, REPLY_STATUS } from '#libs/wire';
import { HeldReplies, MAX_HELD_BYTES } from './held-replies.js';

const { executed, moving } = REPLY_STATUS;

function frameOf(...replies: (readonly [operationId: number, status: number])[]): Uint8Array {
  const writer = new ReplyWriter(64);
  beginRepliesFrame(writer);
  for (const [operationId, status] of replies) {
    const at = beginReply(writer);
    if (status === executed) writer.ok();
    endReply(writer, at, operationId, status);
  }
  finishRepliesFrame(writer, 11, 12, replies.length);
  return writer.toBytes();
}

function read(frame: Uint8Array): unknown[] {
  const reader = new RepliesReader();
  reader.open(frame);
  expect([reader.incarnation, reader.tableVersion]).toEqual([11, 12]);
  const found = [];
  while (reader.advance()) {
    const { operationId, status, replyOffset, replyLength } = reader;
    const text = Buffer.from(frame.subarray(replyOffset, replyOffset + replyLength)).toString();
    found.push([operationId, status, text]);
  }
  return found;
}

function rig() {
  const sent: unknown[] = [];
  const acknowledged: unknown[] = [];
  const held = new HeldReplies();
  const gateway = { send: (frame: Uint8Array) => sent.push(...read(frame)) };
  const source = { send: (frame: Uint8Array) => acknowledged.push([...frame]) };
  const reply = (operationId: number): void => held.add(gateway, frameOf([operationId, executed]), true);
  return { held, sent, acknowledged, gateway, source, reply };
}

const ok = (operationId: number) => [operationId, executed, '+OK\r\n'];
const failed = (operationId: number) => [operationId, executed, `-${errorText('LOG_FAILED')}\r\n`];

describe('held replies', () => {
  it('leave in order once the log has what they tell of', () => {
    const { held, sent, acknowledged, source, reply } = rig();
    reply(1);
    held.stamp(1);
    reply(2);
    held.add(source, Uint8Array.of(7), false);
    held.stamp(2);
    expect(sent).toEqual([]);
    held.onDurable(1);
    expect(sent).toEqual([ok(1)]);
    reply(3);
    held.onDurable(2);
    expect([sent, acknowledged]).toEqual([[ok(1), ok(2)], [[7]]]);
    held.stamp(2);
    expect(sent).toEqual([ok(1), ok(2), ok(3)]);
  });

  it('become errors where the log fails, but for what says that nothing was executed', () => {
    const { held, sent, acknowledged, gateway, source, reply } = rig();
    reply(1);
    held.stamp(1);
    held.onDurable(1);
    held.add(gateway, frameOf([2, executed], [3, moving]), true);
    held.add(source, Uint8Array.of(7), false);
    held.stamp(2);
    held.onLost(2);
    expect(sent).toEqual([ok(1), failed(2), [3, moving, '']]);
    expect(acknowledged).toEqual([]);
  });

  it('become errors where the log had failed before their turn ended', () => {
    const { held, sent, reply } = rig();
    reply(1);
    held.onLost(4);
    held.stamp(4);
    reply(2);
    held.loseNew();
    expect(sent).toEqual([failed(1), failed(2)]);
    held.onDurable(5);
    reply(3);
    held.stamp(5);
    expect(sent).toEqual([failed(1), failed(2), ok(3)]);
  });

  it('let those go that wait for nothing, and no others', () => {
    const { held, sent, reply } = rig();
    reply(1);
    held.stamp(1);
    reply(2);
    held.releaseNew();
    expect(sent).toEqual([ok(2)]);
    held.onDurable(1);
    expect(sent).toEqual([ok(2), ok(1)]);
  });

  it('say when there are too many', () => {
    const { held } = rig();
    const source = { send: () => true };
    held.add(source, new Uint8Array(MAX_HELD_BYTES - 1), false);
    expect(held.isFull).toBe(false);
    held.add(source, new Uint8Array(1), false);
    expect(held.isFull).toBe(true);
    held.stamp(1);
    held.onDurable(1);
    expect(held.isFull).toBe(false);
  });
});
