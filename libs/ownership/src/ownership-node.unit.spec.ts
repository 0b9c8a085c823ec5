import {
  decodeOwnership,
  encodeOwnership,
  LEASE_MARGIN,
  NOWHERE,
  OWNERSHIP_TIMES,
  OwnershipNode,
  type OwnershipEffect,
  type OwnershipMessage,
  type Position,
} from './index.js';

const { leaseMs, renewMs } = OWNERSHIP_TIMES;
const PARTITIONS = 5_000;

/** A node over a log that only notes what it is asked for, and a disk that saves at once. */
class Rig {
  readonly node: OwnershipNode;
  readonly asked: string[] = [];
  readonly told: string[] = [];
  readonly sent: (OwnershipMessage & { readonly to: string })[] = [];
  last: Position = NOWHERE;

  constructor(
    self: string,
    stored = new Uint32Array(PARTITIONS),
    readonly saves = true,
  ) {
    this.node = new OwnershipNode({
      self,
      stored,
      nowMs: 0,
      log: {
        lastPosition: () => this.last,
        fetchTail: ({ partition, epoch, from, upTo, attempt }) =>
          this.asked.push(`fetch ${partition} in ${epoch} from ${from} to ${upTo.sequence}@${upTo.epoch} #${attempt}`),
        appendEpochStarted: (partition, epoch) => this.asked.push(`start ${partition} in ${epoch}`),
      },
    });
  }

  /** Carries out what has come up. */
  settle(nowMs: number): void {
    for (let effects = this.node.takeEffects(); effects.length > 0; effects = this.node.takeEffects()) {
      for (const effect of effects) this.carryOut(effect, nowMs);
    }
  }

  assign(epoch: number, candidate: string, nowMs: number, partition = 0): void {
    this.node.assign({ partition, epoch, candidate, owners: ['a', 'b', 'c'], outgoing: [] }, nowMs);
    this.settle(nowMs);
  }

  receive(message: OwnershipMessage, nowMs: number): void {
    this.node.receive(encodeOwnership(message), nowMs);
    this.settle(nowMs);
  }

  tick(nowMs: number): void {
    this.node.tick(nowMs);
    this.settle(nowMs);
  }

  private carryOut(effect: OwnershipEffect, nowMs: number): void {
    if (effect.kind === 'send') this.sent.push({ to: effect.to, ...decodeOwnership(effect.frame, PARTITIONS) });
    else if (effect.kind === 'save') {
      if (this.saves) this.node.onSealsSaved(effect.seals, nowMs);
    } else
      this.told.push(
        [effect.kind, effect.partition, effect.epoch, ...(effect.kind === 'stop' ? [effect.reason] : [])].join(' '),
      );
  }
}

const sealedBy = (from: string, epoch: number, last = NOWHERE, sealedEpoch = epoch): OwnershipMessage => {
  return { type: 'sealed', from, records: [{ partition: 0, epoch, sealedEpoch, last }] };
};

/** Primary of partition 0 in an epoch, of owners a, b, c. */
function primary(epoch: number): Rig {
  const rig = new Rig('a');
  rig.assign(epoch, 'a', 0);
  rig.receive(sealedBy('b', epoch), 10);
  rig.tick(leaseMs);
  rig.node.onStarted(0, epoch);
  rig.settle(leaseMs);
  expect(rig.told).toEqual([`serve 0 ${epoch}`]);
  rig.told.length = 0;
  rig.sent.length = 0;
  return rig;
}

describe('OwnershipNode as a candidate', () => {
  it('has a majority seal, fetches what it lacks, starts and serves', () => {
    const rig = new Rig('a');
    rig.assign(3, 'a', 0);
    expect(rig.sent.map(({ to, type }) => `${type} ${to}`)).toEqual(['seal b', 'seal c']);
    rig.receive(sealedBy('c', 3, { epoch: 2, sequence: 8 }), 10);
    expect(rig.asked).toEqual([]);
    rig.tick(leaseMs);
    expect(rig.asked).toEqual(['fetch 0 in 3 from c to 8@2 #1']);
    rig.node.onTail(0, 3, 1, true, leaseMs + 20);
    expect(rig.asked.at(-1)).toBe('start 0 in 3');
    expect([rig.node.isServing(0), rig.node.stateOf(0, 3), rig.node.stateOf(0, 2)]).toEqual([
      false,
      'starting',
      undefined,
    ]);
    rig.node.onStarted(0, 2);
    rig.node.onStarted(0, 3);
    rig.settle(leaseMs + 30);
    expect(rig.told).toEqual(['serve 0 3']);
    expect(rig.node.isServing(0)).toBe(true);
  });

  it('does not begin an epoch that an earlier life of it had begun', () => {
    const rig = new Rig('a', new Uint32Array(PARTITIONS).fill(3));
    rig.assign(3, 'a', 0);
    expect(rig.told).toEqual(['stop 0 3 spent']);
    expect(rig.sent).toEqual([]);
    rig.assign(4, 'a', 0);
    expect(rig.node.stateOf(0, 4)).toBe('sealing');
  });

  it('does not begin an epoch below one that it has sealed', () => {
    const rig = new Rig('a', new Uint32Array(PARTITIONS).fill(5));
    rig.assign(4, 'a', 0);
    expect(rig.told).toEqual(['stop 0 4 superseded']);
  });

  it('gives up where the table moves on, or an owner knows a later epoch', () => {
    const rig = new Rig('a');
    rig.assign(3, 'a', 0);
    rig.assign(3, 'b', 0);
    rig.assign(2, 'b', 0);
    expect(rig.told).toEqual([]);
    rig.assign(4, 'a', 0);
    rig.receive(sealedBy('b', 4, NOWHERE, 6), 5);
    expect(rig.told).toEqual(['stop 0 3 moved-on', 'stop 0 4 superseded']);
    expect(() => rig.assign(7, 'x', 0)).toThrow('candidate x is none of its owners');
  });

  it('asks for many partitions in few frames', () => {
    const rig = new Rig('a');
    for (let partition = 0; partition < PARTITIONS; partition++) {
      rig.node.assign({ partition, epoch: 1, candidate: 'a', owners: ['a', 'b'], outgoing: [] }, 0);
    }
    rig.settle(0);
    expect(rig.sent.map(({ to, type, records }) => `${type} ${to} ${records.length}`)).toEqual([
      'seal b 4096',
      'seal b 904',
    ]);
  });
});

describe('OwnershipNode as an owner', () => {
  it('answers seals with where its log ends, once its promises have run out', () => {
    const rig = new Rig('b');
    rig.receive({ type: 'seal', from: 'a', records: [{ partition: 0, epoch: 2 }] }, 10);
    expect(rig.sent).toEqual([]);
    rig.last = { epoch: 1, sequence: 4 };
    rig.tick(leaseMs);
    expect(rig.sent).toEqual([{ to: 'a', ...sealedBy('b', 2, rig.last) }]);
    expect(rig.node.sealedEpoch(0)).toBe(2);
    rig.receive({ type: 'seal', from: 'c', records: [{ partition: 0, epoch: 1 }] }, leaseMs);
    expect(rig.sent.at(-1)).toEqual({ to: 'c', ...sealedBy('b', 1, NOWHERE, 2) });
  });

  it('says nothing that it has not saved', () => {
    const rig = new Rig('b', undefined, false);
    const records = [{ partition: 0, epoch: 2 }];
    rig.receive({ type: 'seal', from: 'a', records }, leaseMs);
    rig.receive({ type: 'renew', from: 'a', round: 1, records }, leaseMs);
    expect(rig.node.acknowledge(0, 2, leaseMs)).toBe('unsaved');
    rig.tick(10 * leaseMs);
    expect(rig.sent).toEqual([]);
  });

  it('renews leases, and refuses those of earlier epochs', () => {
    const rig = new Rig('b', new Uint32Array(PARTITIONS).fill(2));
    const records = [
      { partition: 0, epoch: 2 },
      { partition: 1, epoch: 1 },
    ];
    rig.receive({ type: 'renew', from: 'a', round: 9, records }, 5);
    const answers = [
      { partition: 0, epoch: 2, sealedEpoch: 2 },
      { partition: 1, epoch: 1, sealedEpoch: 2 },
    ];
    expect(rig.sent).toEqual([{ to: 'a', type: 'granted', from: 'b', round: 9, records: answers }]);
  });
});

describe('OwnershipNode as a primary', () => {
  const LASTS = leaseMs * (1 - LEASE_MARGIN);
  const granted = (from: string, round: number, sealedEpoch = 2): OwnershipMessage => {
    return { type: 'granted', from, round, records: [{ partition: 0, epoch: 2, sealedEpoch }] };
  };

  it('may answer reads while a majority of its renewals hold, its own included', () => {
    const rig = primary(2);
    const sentMs = leaseMs + renewMs;
    rig.tick(sentMs);
    const renewals = rig.sent.filter(({ type }) => type === 'renew');
    expect(renewals.map(({ to }) => to)).toEqual(['b', 'c']);
    expect(rig.node.holds(0, sentMs)).toBe(false);
    const { round } = renewals[0] as { readonly round: number };
    rig.receive(granted('b', round + 1), sentMs + 50);
    expect(rig.node.holds(0, sentMs + 50)).toBe(false);
    rig.receive(granted('b', round), sentMs + 50);
    expect(rig.node.holds(0, sentMs + LASTS - 1)).toBe(true);
    expect(rig.node.holds(0, sentMs + LASTS)).toBe(false);
    expect(rig.node.validUntilMs[0]).toBe(sentMs + LASTS);
  });

  it('may do so by acknowledgements of appends as well', () => {
    const rig = primary(2);
    rig.node.onAcknowledged(0, 2, 'b', 1_000, 1_010);
    rig.node.onAcknowledged(0, 2, 'c', 1_005, 1_010);
    expect(rig.node.holds(0, 1_000 + LASTS - 1)).toBe(true);
  });

  it.each<readonly [string, (rig: Rig) => void]>([
    [
      'it is asked to seal a later epoch',
      (rig) => rig.receive({ type: 'seal', from: 'b', records: [{ partition: 0, epoch: 3 }] }, 900),
    ],
    ['an owner refuses to renew', (rig) => rig.receive(granted('b', 1, 3), 900)],
    ['an owner refuses an append', (rig) => rig.node.onRefused(0, 3)],
    ['a later primary sends records', (rig) => void rig.node.admits(0, 3)],
    [
      'a later primary renews',
      (rig) => rig.receive({ type: 'renew', from: 'b', round: 1, records: [{ partition: 0, epoch: 3 }] }, 900),
    ],
  ])('stops where %s', (_, happens) => {
    const rig = primary(2);
    rig.node.onAcknowledged(0, 2, 'b', 850, 860);
    rig.node.onAcknowledged(0, 2, 'c', 850, 860);
    expect(rig.node.holds(0, 900)).toBe(true);
    happens(rig);
    rig.settle(900);
    expect(rig.told).toEqual(['stop 0 2 superseded']);
    expect([rig.node.holds(0, 900), rig.node.isServing(0)]).toEqual([false, false]);
  });
});
