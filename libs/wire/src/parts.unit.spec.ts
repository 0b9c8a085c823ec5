import fc from 'fast-check';
import { BOUNDS, DecodeError } from '#libs/kernel';
import { FRAME_HEADER_BYTES } from './frame.js';
import { PartAssembler, PartAssemblers } from './part-assembler.js';
import { decodePartAck, encodePartAck, PART_WINDOW, PartSender } from './parts.js';

const MAX_FRAME_BYTES = 100;

function bytesOf(length: number, seed = 1): Uint8Array {
  return new Uint8Array(length).map((_, i) => (i * 31 + seed * 17) & 0xff);
}

function isPart(message: Uint8Array): boolean {
  return message.length > 6 && message[0] === 0x48 && message[5] === 0x12;
}

/** A sender and an assembler; messages and acknowledgements travel when told to. */
function makeLink(maxFrameBytes = MAX_FRAME_BYTES) {
  const wire: Uint8Array[] = [];
  const arrived: Uint8Array[] = [];
  const assembler = new PartAssembler(1_000_000);
  const state = { isRefusing: false };
  const sender = new PartSender(7, maxFrameBytes, (message) => {
    if (!state.isRefusing) wire.push(message);
    return !state.isRefusing;
  });
  const acknowledge = (part: Uint8Array): void => {
    const { incarnation, messageId, index } = decodePartAck(encodePartAck(part));
    sender.onAck(incarnation, messageId, index);
  };
  const deliver = (message: Uint8Array): void => {
    if (!isPart(message)) return void arrived.push(message);
    const whole = assembler.accept(message);
    if (whole !== undefined) arrived.push(whole);
    acknowledge(message);
  };
  const deliverAll = (): void => {
    for (let message = wire.shift(); message !== undefined; message = wire.shift()) deliver(message);
  };
  return { sender, assembler, wire, arrived, state, deliver, deliverAll, acknowledge };
}

describe('PartSender', () => {
  it('sends small frames at once and large ones in parts, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 12 }), (lengths) => {
        const { sender, arrived, deliverAll, wire } = makeLink();
        const frames = lengths.map((length, i) => bytesOf(length, i));
        for (const frame of frames) expect(sender.send(frame)).toBe(true);
        expect(wire.every((message) => message.length <= MAX_FRAME_BYTES)).toBe(true);
        deliverAll();
        expect(arrived).toEqual(frames);
        expect(sender.queuedBytes).toBe(0);
      }),
    );
  });

  it('keeps a bounded number of parts unacknowledged', () => {
    const { sender, wire, acknowledge } = makeLink();
    sender.send(bytesOf(1000));
    expect(wire).toHaveLength(PART_WINDOW);
    acknowledge(wire[0]);
    expect(wire).toHaveLength(PART_WINDOW + 1);
    acknowledge(wire[0]);
    expect(wire).toHaveLength(PART_WINDOW + 1);
    acknowledge(wire[3]);
    expect(wire).toHaveLength(PART_WINDOW + 4);
  });

  it('keeps later frames behind an unfinished one', () => {
    const { sender, wire, arrived, deliverAll } = makeLink();
    const [large, small] = [bytesOf(1000), bytesOf(10)];
    sender.send(large);
    expect(sender.send(small)).toBe(true);
    expect(sender.queuedBytes).toBe(1010);
    expect(wire).not.toContain(small);
    deliverAll();
    expect(arrived).toEqual([large, small]);
  });

  it('says of a frame alone that the bus refused it', () => {
    const { sender, state, wire, arrived, deliverAll } = makeLink();
    state.isRefusing = true;
    expect(sender.send(bytesOf(10))).toBe(false);
    expect(sender.send(bytesOf(1000))).toBe(false);
    expect(sender.queuedBytes).toBe(0);
    state.isRefusing = false;
    const next = bytesOf(500, 3);
    expect(sender.send(next)).toBe(true);
    deliverAll();
    expect(arrived).toEqual([next]);
    expect(wire).toHaveLength(0);
  });

  it('does not take the refusal of an earlier frame for one of this', () => {
    const { sender, state, wire, acknowledge, arrived, deliverAll } = makeLink();
    sender.send(bytesOf(1000));
    const behind = bytesOf(20);
    expect(sender.send(behind)).toBe(true);
    state.isRefusing = true;
    acknowledge(wire[0]);
    expect(sender.queuedBytes).toBe(0);
    state.isRefusing = false;
    wire.length = 0;
    const last = bytesOf(30);
    expect(sender.send(last)).toBe(true);
    deliverAll();
    expect(arrived).toEqual([last]);
  });

  it('lets nothing overtake what waits', () => {
    const { sender, wire, arrived, deliver, deliverAll } = makeLink();
    const frames = [bytesOf(300), bytesOf(300, 2), bytesOf(5)];
    sender.send(frames[0]);
    sender.send(frames[1]);
    for (const message of wire.splice(0)) deliver(message);
    sender.send(frames[2]);
    deliverAll();
    expect(arrived).toEqual(frames);
  });

  it('gives a message up that makes no progress, and goes on with the next', () => {
    const { sender, wire, arrived, deliver, deliverAll } = makeLink();
    const [lost, next] = [bytesOf(1000), bytesOf(50)];
    sender.send(lost);
    sender.send(next);
    wire.shift();
    sender.tick(1000, 500);
    sender.tick(1400, 500);
    expect(sender.queuedBytes).toBe(1050);
    const second = wire.shift() as Uint8Array;
    deliver(second);
    sender.tick(1600, 500);
    sender.tick(2099, 500);
    expect(sender.queuedBytes).toBe(1050);
    wire.length = 0;
    sender.tick(2100, 500);
    deliverAll();
    expect(arrived).toEqual([next]);
    sender.tick(9999, 500);
    sender.send(lost);
    deliverAll();
    expect(arrived).toEqual([next, lost]);
  });

  it('gives a frame up that cannot arrive, and no other', () => {
    const { sender, wire, arrived, deliverAll } = makeLink();
    const [lost, next] = [bytesOf(1000), bytesOf(900, 2)];
    sender.send(lost);
    sender.send(next);
    sender.abandon(next);
    expect(sender.queuedBytes).toBe(1900);
    sender.abandon(lost);
    expect(sender.queuedBytes).toBe(900);
    deliverAll();
    expect(arrived).toEqual([next]);
    expect(wire).toHaveLength(0);
  });

  it('tells after a lost link which frames never left whole', () => {
    const { sender, wire, arrived, deliverAll } = makeLink();
    const [sent, waiting] = [bytesOf(200), bytesOf(10)];
    sender.send(sent);
    expect(wire).toHaveLength(4);
    sender.send(waiting);
    expect(sender.reset()).toEqual([waiting]);
    const [half, behind] = [bytesOf(1000), bytesOf(10)];
    sender.send(half);
    sender.send(behind);
    expect(sender.reset()).toEqual([half, behind]);
    expect(sender.reset()).toEqual([]);
    wire.length = 0;
    sender.send(waiting);
    deliverAll();
    expect(arrived).toEqual([waiting]);
  });

  it('ignores acknowledgements of other messages, other senders and parts not sent', () => {
    const { sender, wire } = makeLink();
    sender.onAck(7, 1, 0);
    sender.send(bytesOf(1000));
    sender.onAck(8, 1, 0);
    sender.onAck(7, 2, 0);
    sender.onAck(7, 1, 5);
    sender.onAck(7, 1, 0xffffffff);
    expect(wire).toHaveLength(PART_WINDOW);
  });

  it('refuses more than a bounded number of bytes behind an unfinished message', () => {
    const { sender } = makeLink();
    sender.send(bytesOf(1000));
    const huge = new Uint8Array(BOUNDS.maxLinkQueueBytes);
    expect(sender.send(huge)).toBe(false);
    expect(sender.queuedBytes).toBe(1000);
  });

  it('refuses frames too small to hold a part', () => {
    expect(() => new PartSender(1, 34, () => true)).toThrow('at least one byte');
  });
});

describe('parts over a channel that loses, repeats and reorders', () => {
  it('give whole messages or none, and the link works again afterwards', () => {
    const fate = fc.constantFrom<'pass' | 'pass' | 'pass' | 'lose' | 'repeat' | 'swap' | 'lose-ack'>(
      'pass',
      'pass',
      'pass',
      'lose',
      'repeat',
      'swap',
      'lose-ack',
    );
    const frames = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(frames, fc.array(fate, { maxLength: 40 }), (lengths, fates) => {
        const { sender, assembler, wire, arrived, deliver, deliverAll } = makeLink();
        const sent = lengths.map((length, i) => bytesOf(length, i + 1));
        for (const frame of sent) sender.send(frame);
        const plan = fates.slice();
        let nowMs = 0;
        while (sender.queuedBytes > 0 || wire.length > 0) {
          const message = wire.shift();
          if (message === undefined) {
            sender.tick((nowMs += 1000), 1000);
            continue;
          }
          const next = plan.shift() ?? 'pass';
          if (next === 'lose') continue;
          if (next === 'swap' && wire.length > 0 && isPart(message)) {
            deliver(wire.shift() as Uint8Array);
          }
          if (next === 'lose-ack' && isPart(message)) {
            const whole = assembler.accept(message);
            if (whole !== undefined) arrived.push(whole);
            continue;
          }
          deliver(message);
          if (next === 'repeat') deliver(message);
        }
        for (const message of arrived) expect(sent).toContainEqual(message);
        const last = bytesOf(640, 99);
        sender.send(last);
        deliverAll();
        expect(arrived.at(-1)).toEqual(last);
      }),
      { numRuns: 150 },
    );
  });

  it('take a part that comes twice once', () => {
    const { sender, wire, arrived, deliver } = makeLink();
    const frame = bytesOf(200);
    sender.send(frame);
    for (const message of wire.splice(0)) {
      deliver(message);
      deliver(message);
    }
    expect(arrived).toEqual([frame]);
  });
});

describe('PartAssembler', () => {
  function parts(message: Uint8Array, incarnation = 7): Uint8Array[] {
    const sent: Uint8Array[] = [];
    const sender = new PartSender(incarnation, MAX_FRAME_BYTES, (part) => {
      sent.push(part);
      return true;
    });
    sender.send(message);
    for (let i = 0; i < sent.length; i++) sender.onAck(incarnation, 1, i);
    return sent;
  }

  /** Changes a field of a part: its offset behind the envelope is in 32-bit words. */
  function changed(part: Uint8Array, word: number, value: number): Uint8Array {
    const copy = part.slice();
    new DataView(copy.buffer).setUint32(FRAME_HEADER_BYTES + word * 4, value, true);
    return copy;
  }

  it('refuses a message above its bound before anything is kept', () => {
    const assembler = new PartAssembler(500);
    expect(() => assembler.accept(parts(bytesOf(501))[0])).toThrow('message of 501 bytes is too large');
    expect(() => assembler.accept(changed(parts(bytesOf(400))[0], 4, 0xffffffff))).toThrow(DecodeError);
    expect(assembler.heldBytes).toBe(0);
  });

  it('keeps only bytes that have arrived, whatever the header announces', () => {
    const assembler = new PartAssembler(1_000_000_000);
    const part = changed(parts(bytesOf(400))[0], 4, 900_000_000);
    expect(assembler.accept(part)).toBeUndefined();
    expect(assembler.heldBytes).toBe(66);
  });

  it('drops everything at a wrong CRC', () => {
    const assembler = new PartAssembler(1000);
    const [first, second, ...rest] = parts(bytesOf(400));
    assembler.accept(first);
    expect(() => assembler.accept(changed(second, 5, 1))).toThrow('wrong CRC');
    expect(assembler.heldBytes).toBe(0);
    for (const part of [second, ...rest]) expect(assembler.accept(part)).toBeUndefined();
  });

  it('refuses sizes and counts that do not fit', () => {
    const assembler = new PartAssembler(1000);
    const [first] = parts(bytesOf(400));
    expect(() => assembler.accept(changed(first, 3, 0))).toThrow('wrong number of parts');
    expect(() => assembler.accept(changed(first, 3, 401))).toThrow('wrong number of parts');
    expect(() => assembler.accept(changed(changed(first, 4, 10), 3, 2))).toThrow('exceed');
    expect(() => assembler.accept(changed(changed(first, 4, 100), 3, 1))).toThrow('fall short');
    expect(() => assembler.accept(first.slice(0, FRAME_HEADER_BYTES + 24))).toThrow('truncated');
    expect(() => encodePartAck(first.slice(0, 20))).toThrow('truncated');
    expect(() => decodePartAck(first)).toThrow('wrong length');
  });

  it('lets a new message replace an unfinished one', () => {
    const assembler = new PartAssembler(1000);
    assembler.accept(parts(bytesOf(400))[0]);
    const message = bytesOf(300, 2);
    const wholes = parts(message, 8).map((part) => assembler.accept(part));
    expect(wholes.at(-1)).toEqual(message);
  });

  it('puts messages of several senders together side by side, up to a bound', () => {
    const assemblers = new PartAssemblers(1000, 2);
    const [a, b, c] = [1, 2, 3].map((sender) => ({
      message: bytesOf(300, sender),
      parts: parts(bytesOf(300, sender), sender),
    }));
    const wholes: Uint8Array[] = [];
    for (let i = 0; i < a.parts.length; i++) {
      for (const { parts: all } of [a, b]) {
        const whole = assemblers.accept(all[i]);
        if (whole !== undefined) wholes.push(whole);
      }
    }
    expect(wholes).toEqual([a.message, b.message]);
    assemblers.accept(a.parts[0]);
    assemblers.accept(b.parts[0]);
    assemblers.accept(c.parts[0]);
    const rest = (all: Uint8Array[]): (Uint8Array | undefined)[] => all.slice(1).map((part) => assemblers.accept(part));
    expect(rest(b.parts).at(-1)).toEqual(b.message);
    expect(rest(c.parts).at(-1)).toEqual(c.message);
    expect(rest(a.parts).at(-1)).toBeUndefined();
    expect(() => assemblers.accept(new Uint8Array(20))).toThrow(DecodeError);
  });
});
