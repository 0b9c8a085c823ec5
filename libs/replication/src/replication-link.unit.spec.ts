import { BOUNDS, ByteWriter, DecodeError } from '#libs/kernel';
import { encodeAcknowledgement, type Acknowledgement, type Refusal, REFUSAL_REASONS } from './acknowledgement.js';
import { REPLICATION_BOUNDS, REPLICATION_TIMES, type ReplicationBounds } from './bounds.js';
import { GroupPositions } from './group-positions.js';
import type { CatchUpBudget, TailRead } from './primary-side.js';
import { encode, PARTITIONS, run, start, type TestRecord, textOf, turnOf } from './records.support.spec.js';
import { ReplicateReader } from './replicate-reader.js';
import { ReplicationLink } from './replication-link.js';

const [A, B, C] = [2, 10, 18];
const SESSION = 77;

/** A link under a spec's control, with what it has asked its host for. */
class Bench {
  nowMs = 1_000;
  sent: Uint8Array[] = [];
  readonly reads: TailRead[] = [];
  readonly told: string[] = [];
  readonly promises: string[] = [];
  readonly positions = new GroupPositions(PARTITIONS);
  readonly link: ReplicationLink;
  chunks: (Uint8Array | undefined)[] = [];

  constructor(bounds: Partial<ReplicationBounds> = {}, budget?: CatchUpBudget) {
    const { positions, told } = this;
    this.link = new ReplicationLink({
      peer: 'n2',
      incarnation: 5,
      positions,
      host: {
        send: (frame) => void this.sent.push(frame),
        readTail: (read) => void this.reads.push(read),
        beginCopy: (group) => void told.push(`copy ${group}`),
        nextChunk: () => this.chunks.shift(),
        endCopy: (group) => void told.push(`copied ${group}`),
        onAcknowledged: (group, sequence) => void told.push(`${group} has ${sequence}`),
        onForgotten: (group) => void told.push(`${group} forgotten`),
        onDivergent: (group, { epoch, sequence }) => void told.push(`${group} diverges at ${epoch}/${sequence}`),
      },
      ownership: {
        onAcknowledged: (group, epoch, owner, sentAtMs) =>
          void this.promises.push(`${group} epoch ${epoch} ${owner} ${sentAtMs}`),
        onRefused: (group, sealedEpoch) => void told.push(`${group} sealed ${sealedEpoch}`),
      },
      nowMs: this.nowMs,
      ...(budget === undefined ? {} : { budget }),
      bounds: { ...REPLICATION_BOUNDS, ...bounds },
    });
  }

  /** What was sent since the last call. */
  frames(): string[] {
    const { sent } = this;
    this.sent = [];
    return sent.map(textOf);
  }

  took(): string[] {
    return this.told.splice(0);
  }

  /** A turn with these records, which are this node's last ones. */
  turn(...records: readonly TestRecord[]): string[] {
    for (const { group, epoch, sequence } of records) this.positions.set(group, epoch, sequence);
    this.link.endTurn(turnOf(records), this.nowMs);
    return this.frames();
  }

  tick(ms: number): string[] {
    this.nowMs += ms;
    this.link.tick(this.nowMs);
    return this.frames();
  }

  answer(durable: number, over: Partial<Acknowledgement> = {}): void {
    const said: Acknowledgement = {
      incarnation: 5,
      generation: 1,
      session: SESSION,
      durable,
      received: durable,
      isResendWanted: false,
      isPressed: false,
      refusals: [],
      ...over,
    };
    this.link.receive(encodeAcknowledgement(new ByteWriter(), said), this.nowMs);
  }

  refuse(
    frame: number,
    group: number,
    reason: Refusal['reason'],
    last: readonly [number, number],
    sealedEpoch = 0,
  ): void {
    const refusal = { frame, group, reason, sealedEpoch, last: { epoch: last[0], sequence: last[1] } };
    this.answer(frame, { refusals: [refusal] });
  }

  tail(read: TailRead, ...records: readonly TestRecord[]): void {
    const bytes = encode(records);
    if (records.length > 0)
      this.link.onTailRecords(read.group, read.request, bytes, 0, bytes.length, 900, 0, this.nowMs);
    this.link.onTailEnd(read.group, read.request, 'read', this.nowMs);
  }
}

/** Open, with A and B followed since their first records. */
function opened(bounds: Partial<ReplicationBounds> = {}, budget?: CatchUpBudget): Bench {
  const bench = new Bench(bounds, budget);
  bench.answer(0);
  bench.link.add(A, 1, 'epoch-start');
  bench.link.add(B, 1, 'epoch-start');
  bench.turn(start(A, 1, [0, 0]), start(B, 1, [0, 0]));
  bench.answer(bench.link.lagFrames);
  bench.took();
  bench.promises.length = 0;
  return bench;
}

describe('a link that opens', () => {
  it('asks until the replica has answered, then tells it where each group goes on', () => {
    const bench = new Bench();
    bench.positions.set(A, 3, 40);
    bench.link.add(A, 3, 'now');
    expect(bench.turn(...run(B, 1, 1))).toEqual([]);
    expect(bench.tick(0)).toEqual(['poke #0']);
    expect(bench.tick(REPLICATION_TIMES.pokeMs)).toEqual([]);
    expect(bench.tick(REPLICATION_TIMES.pokeMs)).toEqual(['poke #0']);
    bench.answer(0);
    expect([bench.link.isOpen, bench.link.wantsTurn, bench.link.lackingGroups]).toEqual([true, true, 1]);
    expect(bench.turn()).toEqual([`resume #1 group ${A} epoch 3 after 3/40`]);
    expect([bench.link.wantsTurn, bench.link.lackingGroups, bench.link.countOf('live')]).toEqual([false, 0, 1]);
    bench.answer(1);
    expect(bench.took()).toEqual([`${A} has 40`]);
  });

  it('resumes as many groups in a frame as one may hold', () => {
    const bench = new Bench({ maxFrameGroups: 2 });
    for (const group of [A, B, C]) bench.link.add(group, 1, 'now');
    bench.answer(0);
    expect(bench.turn()).toEqual([
      `resume #1 group ${A} epoch 1 after 0/0 group ${B} epoch 1 after 0/0`,
      `resume #2 group ${C} epoch 1 after 0/0`,
    ]);
  });

  it('begins with an epoch where that has yet to start', () => {
    const bench = new Bench();
    bench.answer(0);
    bench.link.add(A, 2, 'epoch-start');
    expect(bench.turn(start(A, 2, [1, 7]), ...run(A, 2, 9))).toEqual([`records #1 ${A}:2/8 ${A}:2/9`]);
  });
});

describe('a turn', () => {
  it('leaves as one frame of what the replica holds', () => {
    const bench = opened();
    expect(bench.turn(...run(A, 1, 2, 3), ...run(C, 1, 1), ...run(B, 1, 2))).toEqual([
      `records #2 ${A}:1/2 ${A}:1/3 ${B}:1/2`,
    ]);
    expect(bench.turn(...run(C, 1, 2))).toEqual([]);
    bench.link.remove(B);
    expect(bench.turn(...run(B, 1, 3), ...run(A, 1, 4))).toEqual([`records #3 ${A}:1/4`]);
  });

  it('goes as it is where the replica holds all of it, with its time', () => {
    const bench = opened();
    const records = [...run(A, 1, 2, 3), ...run(B, 1, 2)];
    bench.link.endTurn(turnOf(records, 0x0102_0304_0506, 9), bench.nowMs);
    const reader = new ReplicateReader(PARTITIONS);
    reader.open(bench.sent[0]);
    reader.nextBatch();
    expect(reader).toMatchObject({ wallMs: 0x0102_0304_0506, logical: 9 });
    expect(bench.sent[0].subarray(reader.recordsOffset)).toEqual(encode(records));
  });

  it('takes several frames where it is too large for one, or about too many groups', () => {
    const [{ length }] = [encode(run(A, 1, 2))];
    expect(opened({ frameRecordBytes: 2 * length }).turn(...run(A, 1, 2, 3), ...run(B, 1, 2))).toEqual([
      `records #3 ${A}:1/2 ${A}:1/3`,
      `records #4 ${B}:1/2`,
    ]);
    expect(opened({ maxFrameGroups: 1 }).turn(...run(A, 1, 2), ...run(B, 1, 2))).toHaveLength(2);
  });

  it('says nothing of what ended with an earlier epoch', () => {
    const bench = opened();
    bench.link.add(A, 4, 'epoch-start');
    expect(bench.turn(...run(A, 1, 2), start(A, 4, [1, 2]))).toEqual([`records #2 ${A}:4/3`]);
    expect(() => bench.link.add(A, 3, 'now')).toThrow('epoch 3 after 4');
  });
});

describe('acknowledgements', () => {
  it('count up to the last frame, each with the time at which its frame was sent', () => {
    const bench = opened();
    bench.turn(...run(A, 1, 2, 4));
    bench.nowMs += 10;
    bench.turn(...run(B, 1, 2), ...run(A, 1, 5));
    expect([bench.link.lagFrames, bench.link.lagMs(bench.nowMs + 5)]).toEqual([2, 15]);
    expect(bench.link.lagBytes).toBeGreaterThan(100);
    bench.answer(3);
    expect(bench.took()).toEqual([`${A} has 4`, `${B} has 2`, `${A} has 5`]);
    expect(bench.promises).toEqual([`${A} epoch 1 n2 1000`, `${B} epoch 1 n2 1010`, `${A} epoch 1 n2 1010`]);
    expect([bench.link.lagFrames, bench.link.lagBytes, bench.link.lagMs(bench.nowMs)]).toEqual([0, 0, 0]);
    bench.answer(2);
    expect(bench.took()).toEqual([]);
  });

  it('mean nothing for other lives of the link, and for frames that were not sent', () => {
    const bench = opened();
    bench.turn(...run(A, 1, 2));
    bench.answer(2, { incarnation: 6 });
    bench.answer(2, { generation: 2 });
    bench.answer(3);
    expect(bench.took()).toEqual([]);
    expect(() => bench.link.receive(new Uint8Array(30), 0)).toThrow(DecodeError);
  });

  it('say what is missing, and that is sent again, once', () => {
    const bench = opened();
    const [second, third] = [bench.turn(...run(A, 1, 2)), bench.turn(...run(A, 1, 3))];
    bench.answer(1, { isResendWanted: true });
    expect(bench.frames()).toEqual([...second, ...third]);
    bench.answer(1, { isResendWanted: true });
    expect(bench.frames()).toEqual([]);
    bench.nowMs += REPLICATION_TIMES.resendMs;
    bench.answer(1, { received: 2, isResendWanted: true });
    expect(bench.frames()).toEqual(third);
    expect(bench.link.resends).toBe(3);
  });

  it('let as much be under way as may be, and no more', () => {
    const bench = opened({ flightBytes: 150 });
    const sent = [2, 3, 4, 5].flatMap((sequence) => bench.turn(...run(A, 1, sequence)));
    expect(sent).toEqual([`records #2 ${A}:1/2`, `records #3 ${A}:1/3`]);
    bench.answer(1, { received: 2 });
    expect(bench.frames()).toEqual([`records #4 ${A}:1/4`]);
    bench.answer(4);
    expect(bench.frames()).toEqual([`records #5 ${A}:1/5`]);
  });

  it('are asked for where none comes, less and less often', () => {
    const bench = opened();
    bench.turn(...run(A, 1, 2));
    const pauses: number[] = [];
    for (let pauseMs = 50; pauses.length < 5; pauseMs += 50) {
      if (bench.tick(50).length === 0) continue;
      pauses.push(pauseMs);
      pauseMs = 0;
    }
    // A little is added for what is under way.
    expect(pauses).toEqual([250, 450, 850, 1_650, 1_650]);
    bench.answer(2);
    expect(bench.tick(5_000)).toEqual([]);
  });
});

describe('a replica that lacks more than the window holds', () => {
  it('is told first where to go on, in another life of the link', () => {
    const bench = opened({ windowBytes: 400 });
    for (let sequence = 2; bench.link.isOpen; sequence++) bench.turn(...run(A, 1, sequence));
    expect([bench.link.overruns, bench.link.lagFrames, bench.link.lackingGroups]).toEqual([1, 0, 2]);
    const { sequences } = bench.positions;
    bench.turn(...run(A, 1, sequences[A] + 1));
    bench.answer(0, { generation: 2 });
    expect(bench.turn()).toEqual([`resume #1 group ${A} epoch 1 after 1/${sequences[A]} group ${B} epoch 1 after 1/1`]);
  });

  it('is one that has forgotten the link, too', () => {
    const bench = opened();
    bench.turn(...run(A, 1, 2));
    bench.answer(0, { session: SESSION + 1 });
    expect([bench.link.resets, bench.link.isOpen]).toEqual([1, false]);
    expect(bench.frames()).toEqual(['poke #0']);
  });

  it('is not one that is sent a record of any size', () => {
    const bench = opened();
    const large = { group: A, epoch: 1, sequence: 2, bytes: BOUNDS.maxFrameBytes };
    expect(bench.turn(large, ...run(A, 1, 3))).toHaveLength(2);
    expect(bench.link.isOpen).toBe(true);
    expect(opened({ largeWindowBytes: BOUNDS.maxFrameBytes }).turn(large, { ...large, sequence: 3 })).toEqual([
      'poke #0',
    ]);
  });
});

describe('a group that is refused', () => {
  it('is read from the log, and what happens meanwhile follows', () => {
    const bench = opened();
    bench.turn(...run(A, 1, 2, 9), ...run(B, 1, 2));
    bench.refuse(2, A, REFUSAL_REASONS.gap, [1, 4]);
    expect(bench.took()).toEqual([`${A} has 4`, `${B} has 2`]);
    bench.turn(...run(A, 1, 10));
    expect(bench.reads).toMatchObject([{ group: A, after: { epoch: 1, sequence: 4 } }]);
    expect(bench.turn(...run(A, 1, 11), ...run(B, 1, 3))).toEqual([`records #3 ${B}:1/3`]);
    bench.tail(bench.reads[0], ...run(A, 1, 5, 10));
    expect(bench.frames()).toEqual([
      `resume #4 group ${A} epoch 1 after 1/4`,
      `records #5 ${[5, 6, 7, 8, 9, 10].map((sequence) => `${A}:1/${sequence}`).join(' ')}`,
      `records #6 ${A}:1/11`,
    ]);
    expect(bench.turn(...run(A, 1, 12))).toEqual([`records #7 ${A}:1/12`]);
    bench.answer(7);
    expect(bench.took()).toEqual([`${B} has 3`, ...[4, 10, 11, 12].map((sequence) => `${A} has ${sequence}`)]);
    expect([bench.link.tailsBegun, bench.link.lackingGroups]).toEqual([1, 0]);
  });

  it('is read further where the log does not show all yet, or too much would have to be held back', () => {
    const bench = opened({ maxHeldBytes: 60 });
    bench.turn(...run(A, 1, 2, 5));
    bench.refuse(2, A, REFUSAL_REASONS.gap, [1, 1]);
    bench.turn();
    bench.tail(bench.reads[0], ...run(A, 1, 2, 3));
    expect(bench.frames()).toHaveLength(2);
    bench.turn(...run(A, 1, 6));
    bench.turn(...run(A, 1, 7));
    bench.tail(bench.reads[1], ...run(A, 1, 4, 5));
    expect([bench.frames(), bench.link.countOf('tail')]).toEqual([[`records #5 ${A}:1/4 ${A}:1/5`], 1]);
    bench.turn();
    bench.tail(bench.reads[2]);
    expect([bench.link.wantsTurn, bench.link.countOf('tail')]).toEqual([false, 1]);
    bench.turn(...run(A, 1, 8));
    bench.tail(bench.reads[3], ...run(A, 1, 6, 7));
    expect(bench.frames()).toEqual([`records #6 ${A}:1/6 ${A}:1/7`, `records #7 ${A}:1/8`]);
    expect(bench.link.lackingGroups).toBe(0);
  });

  it('is read in frames of their usual size, but for large records', () => {
    const bench = opened({ frameRecordBytes: 100 });
    bench.turn(...run(A, 1, 2, 9));
    bench.refuse(2, A, REFUSAL_REASONS.gap, [1, 1]);
    bench.turn();
    const large = { group: A, epoch: 1, sequence: 4, bytes: 60 };
    bench.tail(bench.reads[0], ...run(A, 1, 2, 3), large, ...run(A, 1, 5, 9));
    const records = bench.frames().slice(1);
    expect(records.map((text) => text.replace(/^records #\d+ /, ''))).toEqual([
      `${A}:1/2 ${A}:1/3`,
      `${A}:1/4`,
      `${A}:1/5 ${A}:1/6 ${A}:1/7`,
      `${A}:1/8 ${A}:1/9`,
    ]);
  });

  it('is copied where the log does not reach back, and counts once the copy is whole', () => {
    const bench = opened();
    bench.turn(...run(A, 1, 2, 5));
    bench.refuse(2, A, REFUSAL_REASONS.gap, [1, 1]);
    bench.turn();
    bench.took();
    bench.link.onTailEnd(A, bench.reads[0].request, 'gone', bench.nowMs);
    bench.chunks = [encode(run(C, 7, 1)), encode(run(C, 7, 2))];
    expect(bench.turn(...run(A, 1, 6))).toEqual([
      `copyBegin #3 group ${A} epoch 1 after 1/6`,
      `copyRecords #4 group ${A} ${C}:7/1`,
    ]);
    expect(bench.turn(...run(A, 1, 7))).toEqual([`records #5 ${A}:1/7`, `copyRecords #6 group ${A} ${C}:7/2`]);
    bench.answer(6);
    expect(bench.took()).toEqual([`${A} forgotten`, `copy ${A}`]);
    expect(bench.turn()).toEqual([`copyEnd #7 group ${A} epoch 1 after 1/7`]);
    expect(bench.turn(...run(A, 1, 8))).toEqual([`records #8 ${A}:1/8`]);
    bench.answer(8);
    expect(bench.took()).toEqual([`copied ${A}`, `${A} has 7`, `${A} has 8`]);
  });

  it('is copied where it diverges, and the host hears of it', () => {
    const bench = opened();
    bench.turn(...run(A, 1, 2), ...run(B, 1, 2));
    bench.refuse(2, A, REFUSAL_REASONS.gap, [1, 9]);
    expect(bench.took()).toEqual([`${A} forgotten`, `${A} diverges at 1/9`, `${B} has 2`]);
    bench.link.add(B, 3, 'epoch-start');
    bench.turn(start(B, 3, [1, 2]));
    bench.refuse(5, B, REFUSAL_REASONS.gap, [2, 3]);
    bench.turn();
    bench.link.onTailEnd(B, bench.reads[0].request, 'divergent', bench.nowMs);
    expect(bench.took()).toContain(`${B} diverges at 2/3`);
    expect(bench.link.copiesBegun).toBe(1);
  });

  it('is copied where an earlier copy was not finished', () => {
    const bench = opened();
    bench.turn(...run(A, 1, 2));
    bench.refuse(2, A, REFUSAL_REASONS.incomplete, [0, 0]);
    expect(bench.turn()[0]).toBe(`copyBegin #3 group ${A} epoch 1 after 1/2`);
  });

  it('is left alone where the replica knows a later epoch', () => {
    const bench = opened();
    bench.turn(...run(A, 1, 2), ...run(B, 1, 2));
    bench.refuse(2, A, REFUSAL_REASONS.sealed, [1, 1], 5);
    expect(bench.took()).toEqual([`${A} sealed 5`, `${B} has 2`]);
    expect(bench.turn(...run(A, 1, 3))).toEqual([]);
    bench.link.add(A, 6, 'epoch-start');
    expect(bench.turn(start(A, 6, [1, 3]))).toEqual([`records #3 ${A}:6/4`]);
  });

  it.each([REFUSAL_REASONS.noRoom, REFUSAL_REASONS.notOwner])(
    'is offered again after a while (reason %d)',
    (reason) => {
      const bench = opened();
      bench.turn(...run(A, 1, 2));
      bench.refuse(2, A, reason, [1, 1]);
      bench.tick(REPLICATION_TIMES.retryMs - 1);
      expect(bench.turn(...run(A, 1, 3))).toEqual([]);
      bench.tick(1);
      expect(bench.turn(...run(A, 1, 4))).toEqual([`resume #3 group ${A} epoch 1 after 1/4`]);
    },
  );

  it('is so once: what is said of frames before it began anew is history', () => {
    const bench = opened();
    bench.turn(...run(A, 1, 2));
    bench.turn(...run(A, 1, 3));
    bench.refuse(2, A, REFUSAL_REASONS.gap, [1, 1]);
    bench.turn();
    bench.tail(bench.reads[0], ...run(A, 1, 2, 3));
    bench.took();
    bench.refuse(3, A, REFUSAL_REASONS.gap, [1, 1]);
    expect([bench.took(), bench.link.countOf('live')]).toEqual([[], 2]);
  });
});

describe('catching up', () => {
  const CHUNK = encode(run(C, 7, 1));

  function behind(bench: Bench): void {
    bench.turn(...run(A, 1, 2), ...run(B, 1, 2));
    const refusal = { frame: 2, reason: REFUSAL_REASONS.incomplete, sealedEpoch: 0, last: { epoch: 0, sequence: 0 } };
    bench.answer(2, { refusals: [A, B].map((group) => ({ ...refusal, group })) });
    bench.chunks = Array.from({ length: 9 }, () => CHUNK);
  }

  it('copies a few groups at once', () => {
    const bench = opened({ maxCopies: 1 });
    behind(bench);
    expect(bench.turn()).toHaveLength(2);
    expect([bench.link.countOf('copying'), bench.link.countOf('outdated')]).toEqual([1, 1]);
  });

  it('reads a few tails at once', () => {
    const bench = opened({ maxTails: 1 });
    bench.turn(...run(A, 1, 2), ...run(B, 1, 2));
    const refusal = { frame: 2, reason: REFUSAL_REASONS.gap, sealedEpoch: 0, last: { epoch: 1, sequence: 1 } };
    bench.answer(2, { refusals: [A, B].map((group) => ({ ...refusal, group })) });
    bench.turn();
    expect(bench.reads).toHaveLength(1);
    bench.tail(bench.reads[0], ...run(A, 1, 2));
    bench.turn();
    expect(bench.reads).toMatchObject([{ group: A }, { group: B }]);
  });

  it('waits while what was sent for it is not acknowledged, or the replica is short of memory', () => {
    const bench = opened({ catchUpBytes: 120, maxCopies: 1 });
    behind(bench);
    expect([bench.turn().length, bench.turn().length, bench.link.wantsTurn]).toEqual([2, 0, false]);
    bench.answer(4, { isPressed: true });
    expect([bench.turn(), bench.link.isPressed, bench.link.wantsTurn]).toEqual([[], true, false]);
    expect(bench.tick(REPLICATION_TIMES.pokeMs)).toEqual(['poke #4']);
    bench.answer(4);
    expect([bench.link.wantsTurn, bench.turn().length]).toEqual([true, 1]);
  });

  it('goes at the pace that the budget allows', () => {
    let left = 100;
    const bench = opened(
      { maxCopies: 1 },
      {
        get isOpen() {
          return left > 0;
        },
        spend: (bytes) => void (left -= bytes),
      },
    );
    behind(bench);
    for (let turn = 0; turn < 3; turn++) bench.turn();
    expect(left).toBeLessThanOrEqual(0);
    expect(bench.chunks).toHaveLength(7);
    left = 1;
    bench.turn();
    expect(bench.chunks).toHaveLength(6);
  });

  it('ends where the group does, or the link', () => {
    const bench = opened({ maxCopies: 1 });
    behind(bench);
    bench.turn();
    bench.took();
    bench.link.remove(A);
    expect(bench.took()).toEqual([`copied ${A}`]);
    bench.turn();
    bench.took();
    bench.answer(0, { session: 1 });
    expect(bench.took()).toEqual([`copied ${B}`]);
    expect(bench.link.countOf('resuming')).toBe(1);
  });

  it('hears no answers to reads that it has given up', () => {
    const bench = opened();
    bench.turn(...run(A, 1, 2));
    bench.refuse(2, A, REFUSAL_REASONS.gap, [1, 1]);
    bench.turn();
    bench.link.add(A, 2, 'epoch-start');
    bench.tail(bench.reads[0], ...run(A, 1, 2));
    expect(bench.frames()).toEqual([]);
    expect(bench.turn(start(A, 2, [1, 2]))).toEqual([`records #3 ${A}:2/3`]);
  });

  it('does not believe a log with a gap', () => {
    const bench = opened();
    bench.turn(...run(A, 1, 2, 4));
    bench.refuse(2, A, REFUSAL_REASONS.gap, [1, 1]);
    bench.turn();
    expect(() => bench.tail(bench.reads[0], ...run(A, 1, 3))).toThrow('without a gap');
  });
});
