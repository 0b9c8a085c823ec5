import { DecodeError } from '#libs/kernel';
import { LeaseGrantor, NOWHERE, OWNERSHIP_RULES, OWNERSHIP_TIMES, OwnershipNode } from '#libs/ownership';
import { decodeAcknowledgement, type Acknowledgement, REFUSAL_REASONS, type RefusalReason } from './acknowledgement.js';
import { REPLICATION_BOUNDS, REPLICATION_TIMES, type ReplicationBounds } from './bounds.js';
import { FrameWriter } from './frame-writer.js';
import { GroupPositions } from './group-positions.js';
import type { PrimaryOwnership } from './primary-side.js';
import { encode, PARTITIONS, positionsIn, run, start, type TestRecord } from './records.support.spec.js';
import { ReplicaIntake } from './replica-intake.js';
import type { ReplicaOwnership } from './replica-side.js';
import { REPLICATE_KINDS } from './replicate-format.js';

const [A, B] = [2, 10];
const NONCE = 100;

/** An intake under a spec's control, whose primary is the spec. */
class Bench {
  nowMs = 1_000;
  readonly positions = new GroupPositions(PARTITIONS);
  readonly grantor = new LeaseGrantor(new Uint32Array(PARTITIONS * 8), 0, OWNERSHIP_TIMES, OWNERSHIP_RULES);
  readonly taken: string[] = [];
  readonly refusing = new Map<number, RefusalReason>();
  readonly intake: ReplicaIntake;
  isPressed = false;
  /** Called within `take` and `takeCopy`. */
  onTake: () => void = () => undefined;
  life = { incarnation: 5, generation: 1, session: 0 };
  private answers: Acknowledgement[] = [];
  private readonly writer = new FrameWriter();
  private sequence = 0;
  heard = 0;

  constructor(bounds: Partial<ReplicationBounds> = {}) {
    const { positions, grantor, taken } = this;
    const isPressed = (): boolean => this.isPressed;
    this.intake = new ReplicaIntake({
      nonce: NONCE,
      positions,
      ownership: {
        admits: (group, epoch) => grantor.admits(group, epoch),
        acknowledge: (group, epoch, nowMs) => grantor.grant(group, epoch, nowMs),
        sealedEpoch: (group) => grantor.knownEpoch(group),
      },
      host: {
        get isPressed() {
          return isPressed();
        },
        send: (frame) => void this.answers.push(decodeAcknowledgement(frame, PARTITIONS)),
        refusalOf: (group) => this.refusing.get(group),
        take: (records, offset, length, wallMs) => {
          taken.push(`${wallMs} ${positionsIn(records, offset, length).join(' ')}`);
          this.onTake();
        },
        beginCopy: (group, epoch, sequence) => void taken.push(`begin ${group} ${epoch}/${sequence}`),
        takeCopy: (group, records, offset, length) => {
          taken.push(`copy ${group} ${positionsIn(records, offset, length).join(' ')}`);
          this.onTake();
        },
        endCopy: (group, epoch, sequence) => void taken.push(`end ${group} ${epoch}/${sequence}`),
      },
      bounds: { ...REPLICATION_BOUNDS, ...bounds },
    });
  }

  /** Agrees on a life of the link, in which nothing has been sent. */
  open(generation = 1): this {
    this.life = { incarnation: 5, generation, session: 0 };
    this.sequence = 0;
    this.heard = 0;
    this.poke();
    this.life = { ...this.life, session: this.answer()[0].session };
    return this;
  }

  poke(): void {
    this.intake.receive(
      this.frame(REPLICATE_KINDS.poke, () => undefined, this.sequence),
      this.nowMs,
    );
  }

  frame(kind: number, fill: (writer: FrameWriter) => void, sequence = ++this.sequence): Uint8Array {
    this.writer.begin();
    fill(this.writer);
    return this.writer.finish(kind, this.life, sequence, this.heard);
  }

  records(...records: readonly TestRecord[]): Uint8Array {
    const bytes = encode(records);
    return this.frame(REPLICATE_KINDS.records, (writer) => writer.batch(bytes, 0, bytes.length, 900, 0));
  }

  group(kind: number, group: number, epoch: number, after: readonly [number, number]): Uint8Array {
    return this.frame(kind, (writer) => {
      if (kind === REPLICATE_KINDS.resume) writer.groupCount(1);
      writer.groupAt(group, epoch, after[0], after[1]);
    });
  }

  chunk(group: number, ...records: readonly TestRecord[]): Uint8Array {
    const bytes = encode(records);
    return this.frame(REPLICATE_KINDS.copyRecords, (writer) => {
      writer.group(group);
      writer.batch(bytes, 0, bytes.length, 900, 0);
    });
  }

  receive(...frames: readonly Uint8Array[]): this {
    for (const frame of frames) this.intake.receive(frame, this.nowMs);
    return this;
  }

  /** The epoch is known and saved here. */
  seal(group: number, epoch: number): this {
    this.grantor.admits(group, epoch);
    this.grantor.onSaved(this.grantor.takeUnsaved());
    return this;
  }

  /** Everything is durable now. */
  sync(): this {
    this.intake.onDurable(this.intake.ticket);
    return this;
  }

  /** The answer of this turn, if there is one. */
  answer(): Acknowledgement[] {
    this.intake.endTurn(this.nowMs);
    const { answers } = this;
    this.answers = [];
    return answers;
  }

  took(): string[] {
    return this.taken.splice(0);
  }
}

/** Open, with A at (1, 3). */
function opened(bounds: Partial<ReplicationBounds> = {}): Bench {
  const bench = new Bench(bounds).seal(A, 1).open();
  bench.receive(bench.records(start(A, 1, [0, 0]), ...run(A, 1, 2, 3))).sync();
  bench.answer();
  bench.took();
  return bench;
}

const refusalsOf = (answers: readonly Acknowledgement[]): string[] =>
  answers.flatMap(({ refusals }) =>
    refusals.map(({ frame, group, reason, sealedEpoch, last }) => {
      const [name] = Object.entries(REFUSAL_REASONS).find(([, known]) => known === reason) as [string, number];
      return `#${frame} ${group} ${name}${sealedEpoch > 0 ? ` ${sealedEpoch}` : ''} at ${last.epoch}/${last.sequence}`;
    }),
  );

describe('an intake', () => {
  it('answers for frames once they are durable', () => {
    const bench = opened();
    bench.receive(bench.records(...run(A, 1, 4, 5)));
    expect(bench.took()).toEqual([`900 ${A}:1/4 ${A}:1/5`]);
    expect(bench.answer()).toEqual([]);
    bench.sync();
    expect(bench.answer()).toMatchObject([
      { ...bench.life, durable: 2, received: 2, isResendWanted: false, refusals: [] },
    ]);
    expect(bench.answer()).toEqual([]);
  });

  it('answers for what has arrived where that is much, durable or not', () => {
    const bench = opened({ acknowledgeBytes: 100 });
    bench.receive(bench.records(...run(A, 1, 4)));
    expect(bench.answer()).toEqual([]);
    bench.receive(bench.records(...run(A, 1, 5)));
    expect(bench.answer()).toMatchObject([{ durable: 1, received: 3 }]);
  });

  it('takes nothing twice, and says again what it has', () => {
    const bench = opened();
    const frame = bench.records(...run(A, 1, 4));
    bench.receive(frame, frame).sync();
    expect([bench.took().length, bench.intake.framesDuplicate]).toEqual([1, 1]);
    expect(bench.answer()).toMatchObject([{ durable: 2 }]);
    bench.receive(frame);
    expect(bench.answer()).toMatchObject([{ durable: 2 }]);
  });

  it('takes no frame before those before it, and asks for them now and then', () => {
    const bench = opened();
    const [second, third] = [bench.records(...run(A, 1, 4)), bench.records(...run(A, 1, 5))];
    bench.receive(third);
    expect(bench.answer()).toMatchObject([{ received: 1, isResendWanted: true }]);
    bench.receive(third);
    expect(bench.answer()).toEqual([]);
    bench.nowMs += REPLICATION_TIMES.resendMs;
    bench.receive(third);
    expect(bench.answer()).toMatchObject([{ isResendWanted: true }]);
    bench.receive(second, third).sync();
    expect(bench.answer()).toMatchObject([{ durable: 3, isResendWanted: false }]);
    expect([bench.took().length, bench.intake.framesEarly]).toEqual([2, 3]);
  });

  it('misses the last frame when it is asked', () => {
    const bench = opened();
    bench.records(...run(A, 1, 4));
    bench.poke();
    expect(bench.answer()).toMatchObject([{ received: 1, isResendWanted: true }]);
  });

  it('says when it is short of memory, and when it is no more', () => {
    const bench = opened();
    bench.isPressed = true;
    expect(bench.answer()).toMatchObject([{ isPressed: true }]);
    expect(bench.answer()).toEqual([]);
    bench.isPressed = false;
    expect(bench.answer()).toMatchObject([{ isPressed: false }]);
  });

  it('takes frames that bring too much later', () => {
    const bench = opened({ maxWindowFrames: 1 });
    bench.receive(bench.records(...run(A, 1, 4)));
    const second = bench.records(...run(A, 1, 5));
    bench.receive(second).sync();
    expect([bench.took().length, bench.intake.framesHeldBack]).toEqual([1, 1]);
    bench.answer();
    bench.receive(second);
    expect(bench.took()).toHaveLength(1);
  });
});

describe('a life of the link', () => {
  it('begins with a question, under a number that the replica draws', () => {
    const bench = new Bench();
    bench.poke();
    expect(bench.answer()).toMatchObject([
      { incarnation: 5, generation: 1, session: NONCE + 1, durable: 0, received: 0 },
    ]);
    bench.poke();
    expect(bench.answer()).toMatchObject([{ session: NONCE + 1 }]);
  });

  it('takes nothing that is late from another one', () => {
    const bench = opened();
    const late = bench.records(...run(A, 1, 4));
    bench.open(2);
    bench.receive(late);
    bench.life = { ...bench.life, session: bench.life.session + 1 };
    bench.receive(
      bench.frame(
        REPLICATE_KINDS.records,
        (writer) => {
          const bytes = encode(run(A, 1, 4));
          writer.batch(bytes, 0, bytes.length, 900, 0);
        },
        1,
      ),
    );
    expect([bench.took(), bench.intake.framesStray]).toEqual([[], 2]);
    bench.life = { incarnation: 5, generation: 1, session: 0 };
    bench.poke();
    expect(bench.answer()).toEqual([]);
  });

  it('ends what was under way in the one before, but not what was taken', () => {
    const bench = opened();
    bench.receive(bench.records(...run(A, 1, 4)));
    const { ticket } = bench.intake;
    bench.open(2);
    bench.intake.onDurable(ticket);
    expect(bench.answer()).toEqual([]);
    bench.receive(bench.group(REPLICATE_KINDS.resume, A, 1, [1, 4])).sync();
    expect(bench.answer()).toMatchObject([{ durable: 1, refusals: [] }]);
  });

  it('draws numbers from 1 to 2^32 - 1', () => {
    const sessions = [0xffff_ffff, 0xffff_fffe].map((nonce) => {
      const { positions, grantor } = new Bench();
      const said: number[] = [];
      const ownership: ReplicaOwnership = {
        admits: () => 'granted',
        acknowledge: () => 'granted',
        sealedEpoch: (group) => grantor.knownEpoch(group),
      };
      const nothing = (): undefined => undefined;
      const host = {
        isPressed: false,
        refusalOf: nothing,
        take: nothing,
        beginCopy: nothing,
        takeCopy: nothing,
        endCopy: nothing,
      };
      const send = (frame: Uint8Array): void => void said.push(decodeAcknowledgement(frame, PARTITIONS).session);
      const intake = new ReplicaIntake({ nonce, positions, ownership, host: { ...host, send } });
      const writer = new FrameWriter();
      writer.begin();
      intake.receive(writer.finish(REPLICATE_KINDS.poke, { incarnation: 1, generation: 1, session: 0 }, 0, 0), 0);
      intake.endTurn(0);
      return said[0];
    });
    expect(sessions).toEqual([1, 0xffff_ffff]);
  });
});

describe('a record', () => {
  it.each<readonly [string, readonly TestRecord[]]>([
    ['leaves a gap', run(A, 1, 5)],
    ['is of an epoch whose beginning is missing', run(A, 2, 4)],
    ['begins an epoch behind another record', [start(A, 2, [1, 2])]],
    ['begins an epoch behind a record of another epoch', [start(A, 3, [2, 3])]],
  ])('is refused where it %s', (_what, records) => {
    const bench = opened().seal(A, records[0].epoch);
    bench.receive(bench.records(...records), bench.records(...run(A, 1, 4))).sync();
    expect(bench.took()).toEqual([]);
    expect(refusalsOf(bench.answer())).toEqual([`#2 ${A} gap at 1/3`]);
  });

  it('begins an epoch where it names the last one', () => {
    const bench = opened().seal(A, 4);
    bench.receive(bench.records(start(A, 4, [1, 3]), ...run(A, 4, 5))).sync();
    expect(bench.took()).toEqual([`900 ${A}:4/4 ${A}:4/5`]);
    expect(bench.positions.last(A)).toEqual({ epoch: 4, sequence: 5 });
    expect(refusalsOf(bench.answer())).toEqual([]);
  });

  it('is skipped where it is there already', () => {
    const bench = opened();
    bench.receive(bench.records(...run(A, 1, 2, 3)), bench.records(...run(A, 1, 2, 5))).sync();
    expect(bench.took()).toEqual([`900 ${A}:1/4 ${A}:1/5`]);
    expect(bench.answer()).toMatchObject([{ durable: 3, refusals: [] }]);
  });

  it('of an earlier epoch is taken from a later primary, where it follows', () => {
    const bench = opened().seal(A, 6);
    bench.receive(
      bench.group(REPLICATE_KINDS.resume, A, 6, [1, 3]),
      bench.records(...run(A, 1, 4), start(A, 6, [1, 4])),
    );
    expect(bench.took()).toEqual([`900 ${A}:1/4 ${A}:6/5`]);
  });

  it('is taken beside others that are refused', () => {
    const bench = opened().seal(B, 1);
    bench.receive(bench.records(...run(A, 1, 4), ...run(B, 1, 7), ...run(A, 1, 5))).sync();
    expect(bench.took()).toEqual([`900 ${A}:1/4`, `900 ${A}:1/5`]);
    expect(refusalsOf(bench.answer())).toEqual([`#2 ${B} gap at 0/0`]);
  });

  it.each([REFUSAL_REASONS.noRoom, REFUSAL_REASONS.notOwner])(
    'is refused where the host wants none (reason %d)',
    (reason) => {
      const bench = opened();
      bench.refusing.set(A, reason);
      bench.receive(bench.records(...run(A, 1, 4))).sync();
      expect(bench.took()).toEqual([]);
      expect(bench.answer()).toMatchObject([
        { refusals: [{ frame: 2, group: A, reason, last: { epoch: 1, sequence: 3 } }] },
      ]);
    },
  );

  it('that found no room after all makes the group incomplete', () => {
    const bench = opened();
    bench.onTake = () => bench.intake.refuse(A, REFUSAL_REASONS.noRoom);
    bench.receive(bench.records(...run(A, 1, 4))).sync();
    expect(refusalsOf(bench.answer())).toEqual([`#2 ${A} noRoom at 0/0`]);
    bench.receive(bench.group(REPLICATE_KINDS.resume, A, 1, [1, 4])).sync();
    expect(refusalsOf(bench.answer())).toContain(`#3 ${A} incomplete at 0/0`);
  });
});

describe('a refusal', () => {
  it('is said again until the primary has heard of it', () => {
    const bench = opened();
    bench.receive(bench.records(...run(A, 1, 9)), bench.records(...run(A, 1, 10))).sync();
    expect(refusalsOf(bench.answer())).toEqual([`#2 ${A} gap at 1/3`]);
    bench.poke();
    expect(refusalsOf(bench.answer())).toEqual([`#2 ${A} gap at 1/3`]);
    bench.heard = 2;
    bench.poke();
    expect(bench.answer()).toMatchObject([{ durable: 3, refusals: [] }]);
  });

  it('ends when the primary says where it goes on, and that is here', () => {
    const bench = opened();
    bench.receive(bench.records(...run(A, 1, 9)), bench.group(REPLICATE_KINDS.resume, A, 1, [1, 3]));
    bench.receive(bench.records(...run(A, 1, 4))).sync();
    expect(bench.took()).toEqual([`900 ${A}:1/4`]);
    bench.receive(bench.group(REPLICATE_KINDS.resume, A, 1, [1, 8])).sync();
    expect(refusalsOf(bench.answer())).toEqual([`#2 ${A} gap at 1/3`, `#5 ${A} gap at 1/4`]);
  });

  it('is not left out of an acknowledgement that it contradicts: that reaches less far', () => {
    const bench = opened({ maxRefusals: 2, maxFrameGroups: 2 });
    for (const group of [B, B + 1, B + 2, B + 3]) bench.seal(group, 1);
    bench.receive(bench.records(...run(B, 1, 9)), bench.records(...run(B + 1, 1, 9), ...run(B + 2, 1, 9))).sync();
    const [first] = bench.answer();
    expect([first.durable, refusalsOf([first])]).toEqual([2, [`#2 ${B} gap at 0/0`]]);
    expect(bench.answer()).toEqual([]);
    bench.heard = 2;
    bench.poke();
    const [second] = bench.answer();
    expect([second.durable, refusalsOf([second]).length]).toEqual([3, 2]);
  });

  it('of too many at once keeps further frames out', () => {
    const bench = opened({ maxPendingRefusals: 1 });
    bench.seal(B, 1);
    bench.receive(bench.records(...run(B, 1, 9)));
    const third = bench.records(...run(A, 1, 4));
    bench.receive(third).sync();
    expect(bench.took()).toEqual([]);
    bench.answer();
    bench.heard = 2;
    bench.poke();
    bench.receive(third);
    expect(bench.took()).toHaveLength(1);
  });
});

describe('ownership', () => {
  it('has the last word on what is acknowledged', () => {
    const bench = opened().seal(B, 1);
    bench.receive(bench.records(...run(A, 1, 4), start(B, 1, [0, 0]))).sync();
    bench.seal(A, 3);
    expect(refusalsOf(bench.answer())).toEqual([`#2 ${A} sealed 3 at 1/4`]);
    bench.receive(bench.records(...run(A, 1, 5))).sync();
    expect(bench.answer()).toMatchObject([{ durable: 3 }]);
    expect(bench.took()).toEqual([`900 ${A}:1/4 ${B}:1/1`]);
  });

  it('refuses what begins anew as well, whatever it refused before', () => {
    const bench = opened();
    bench.receive(bench.records(...run(A, 1, 4)), bench.group(REPLICATE_KINDS.resume, A, 1, [1, 4]));
    bench.receive(bench.records(...run(A, 1, 5))).sync();
    bench.seal(A, 2);
    expect(refusalsOf(bench.answer())).toEqual([`#3 ${A} sealed 2 at 1/5`]);
  });

  it('refuses records of earlier epochs', () => {
    const bench = opened().seal(A, 2);
    bench.receive(bench.records(...run(A, 1, 4))).sync();
    expect(bench.took()).toEqual([]);
    expect(refusalsOf(bench.answer())).toEqual([`#2 ${A} sealed 2 at 1/3`]);
  });

  it('holds back a frame until its epochs are saved, all of it', () => {
    const bench = opened();
    const frame = bench.records(...run(A, 1, 4), start(B, 7, [0, 0]), ...run(B, 7, 2));
    const later = bench.records(...run(A, 1, 5));
    bench.receive(frame, later).sync();
    expect([bench.took(), bench.answer(), bench.intake.framesHeldBack]).toEqual([[], [], 1]);
    bench.grantor.onSaved(bench.grantor.takeUnsaved());
    bench.intake.onSealsSaved(bench.nowMs);
    expect(bench.answer()).toMatchObject([{ received: 1, isResendWanted: true }]);
    bench.receive(frame, later);
    expect(bench.took()).toEqual([`900 ${A}:1/4 ${B}:7/1 ${B}:7/2`, `900 ${A}:1/5`]);
    bench.intake.onSealsSaved(bench.nowMs);
    expect(bench.answer()).toEqual([]);
  });

  it('is what OwnershipNode is, counted by group', () => {
    const node = new OwnershipNode({
      self: 'n1',
      stored: new Uint32Array(PARTITIONS * 8),
      nowMs: 0,
      log: { lastPosition: () => NOWHERE, fetchTail: () => undefined, appendEpochStarted: () => undefined },
    });
    const sides: ReplicaOwnership & PrimaryOwnership = node;
    expect(sides.admits(A, 1)).toBe('unsaved');
    expect(sides.sealedEpoch(A)).toBe(1);
  });
});

describe('a copy', () => {
  const { copyBegin, copyEnd, resume } = REPLICATE_KINDS;

  it('replaces what the group has, with what happens meanwhile', () => {
    const bench = opened();
    bench.receive(bench.group(copyBegin, A, 1, [1, 20]), bench.chunk(A, ...run(A, 9, 1)));
    expect(bench.positions.last(A)).toEqual({ epoch: 0, sequence: 0 });
    bench.receive(
      bench.records(...run(A, 1, 21)),
      bench.chunk(A, ...run(A, 9, 2)),
      bench.group(copyEnd, A, 1, [1, 21]),
    );
    expect(bench.took()).toEqual([
      `begin ${A} 1/20`,
      `copy ${A} ${A}:9/1`,
      `900 ${A}:1/21`,
      `copy ${A} ${A}:9/2`,
      `end ${A} 1/21`,
    ]);
    expect(bench.positions.last(A)).toEqual({ epoch: 1, sequence: 21 });
    expect(bench.sync().answer()).toMatchObject([{ durable: 6, refusals: [] }]);
  });

  it('that nobody ends is of no use to others', () => {
    const bench = opened();
    bench.receive(bench.group(copyBegin, A, 1, [1, 20]));
    bench.open(2);
    bench.receive(bench.group(resume, A, 1, [1, 20]), bench.chunk(A, ...run(A, 9, 1))).sync();
    expect(refusalsOf(bench.answer())).toEqual([`#1 ${A} incomplete at 0/0`]);
    expect(bench.took()).toEqual([`begin ${A} 1/20`]);
    bench.receive(bench.group(copyBegin, A, 1, [1, 22]), bench.group(copyEnd, A, 1, [1, 22]));
    expect(bench.positions.last(A)).toEqual({ epoch: 1, sequence: 22 });
  });

  it('that ends elsewhere than it has come is incomplete', () => {
    const bench = opened();
    bench.receive(bench.group(copyBegin, A, 1, [1, 20]), bench.group(copyEnd, A, 1, [1, 21])).sync();
    expect(refusalsOf(bench.answer())).toEqual([`#3 ${A} incomplete at 0/0`]);
  });

  it('ends when another epoch is sealed', () => {
    const bench = opened();
    bench.receive(bench.group(copyBegin, A, 1, [1, 20]));
    bench.seal(A, 2);
    bench.receive(bench.chunk(A, ...run(A, 9, 1)), bench.group(copyEnd, A, 1, [1, 20])).sync();
    expect(bench.took()).toEqual([`begin ${A} 1/20`]);
    expect(refusalsOf(bench.answer())).toEqual([`#3 ${A} sealed 2 at 0/0`]);
  });

  it('is not begun for an earlier epoch, or without room', () => {
    const bench = opened().seal(A, 2);
    bench.receive(bench.group(copyBegin, A, 1, [1, 20]));
    bench.refusing.set(A, REFUSAL_REASONS.noRoom);
    bench.receive(bench.group(copyBegin, A, 2, [1, 20])).sync();
    expect(refusalsOf(bench.answer())).toEqual([`#2 ${A} sealed 2 at 1/3`, `#3 ${A} noRoom at 1/3`]);
    expect(bench.took()).toEqual([]);
  });
});

describe('hostile frames', () => {
  function spoiled(records: readonly TestRecord[], at: number, value: number): Uint8Array {
    const bytes = encode(records);
    bytes[at] = value;
    return bytes;
  }

  function framed(bench: Bench, kind: number, bytes: Uint8Array, group?: number): Uint8Array {
    return bench.frame(
      kind,
      (writer) => {
        if (group !== undefined) writer.group(group);
        writer.batch(bytes, 0, bytes.length, 900, 0);
      },
      2,
    );
  }

  it.each<readonly [string, () => Uint8Array]>([
    ['record of no group', () => spoiled(run(A, 1, 4, 5), 26 + 7, 0)],
    ['event length is wrong', () => encode(run(A, 1, 4)).slice(0, -1)],
    ['record of a group without a position', () => encode([...run(A, 1, 4), ...run(A, 0, 5)])],
    ['record of a group without a position', () => encode([...run(A, 1, 4), ...run(A, 1, 0)])],
    ['partition 4, there are 4', () => spoiled(run(A, 1, 4), 10, 4)],
    ['replication factor 9', () => spoiled(run(A, 1, 4), 7, 9)],
    ['epoch that does not follow', () => spoiled([start(A, 2, [1, 3])], 28, 9)],
    ['epoch that does not follow', () => spoiled([start(A, 2, [1, 3])], 24, 2)],
    ['epoch of no group', () => spoiled([start(A, 2, [1, 3])], 7, 0)],
  ])('that bring a %s take nothing', (error, bytes) => {
    const bench = opened();
    const frame = framed(bench, REPLICATE_KINDS.records, bytes());
    expect(() => bench.receive(frame)).toThrow(error);
    expect(() => bench.receive(frame)).toThrow(DecodeError);
    expect([bench.took(), bench.positions.last(A), bench.intake.ticket]).toEqual([[], { epoch: 1, sequence: 3 }, 1]);
  });

  it('that bring too many groups take nothing', () => {
    const bench = opened({ maxFrameGroups: 1 }).seal(B, 1);
    expect(() => bench.receive(bench.records(...run(A, 1, 4), start(B, 1, [0, 0])))).toThrow('too many groups');
    expect(bench.took()).toEqual([]);
  });

  it('that copy entries of another partition take nothing', () => {
    const bench = opened();
    bench.receive(bench.group(REPLICATE_KINDS.copyBegin, A, 1, [1, 20]));
    bench.took();
    const frame = framed(bench, REPLICATE_KINDS.copyRecords, encode(run(B, 1, 1)), A);
    frame[24] = 3;
    expect(() => bench.receive(frame)).toThrow('another partition');
    expect(bench.took()).toEqual([]);
  });

  it('of a later format are counted', () => {
    const bench = opened();
    const frame = bench.records(...run(A, 1, 4));
    frame[10] = 2;
    bench.receive(frame);
    expect([bench.took(), bench.intake.framesOfUnknownFormat]).toEqual([[], 1]);
  });
});
