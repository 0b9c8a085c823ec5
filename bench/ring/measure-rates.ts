/**
 * How fast the ring is in one thread, by the processor time of that thread: nothing here waits, and what else runs on the
 * machine takes turns with it. The kinds take turns too, batch by batch; the median of the batches counts.
 */
import type { RoutingTable } from '#libs/cluster';
import { HashRing, nodePositions } from '#libs/ring';
import { median, percentile } from '../lib/statistics.js';
import { KEY_BYTES, keysOf, nodesOf, placed, routingOf } from './clusters.js';

const NODES = 5;
const PARTITIONS = 256;
const LOOKUPS_PER_BATCH = 100_000;
const CHANGES_PER_BATCH = 1_000;
/** Few enough for a timer that ticks every microsecond or so, many enough not to measure the timer. */
const LOOKUPS_PER_SAMPLE = 10;
const SAMPLES_PER_BATCH = 1_000;
const WARM_UP_BATCHES = 5;

export interface Rates {
  /** From a key's bytes to the index of its primary, per second. */
  readonly lookUps: number;
  /** From a key's bytes to the indexes of its three owners, per second. */
  readonly replicaLookUps: number;
  /** Nanoseconds of one look-up, by the clock: the 99th percentile of the means of ten in a row, since rarer ones are the machine's. */
  readonly slowLookUpNs: number;
  /**
   * A node's 256 virtual nodes merged into a ring of five, or taken out of it, per second; its positions are known. Each
   * of the two counts as one.
   */
  readonly changes: number;
  /** The same with 100 nodes on the ring. */
  readonly changesAmong100: number;
  /** The same as the first, with the positions hashed by SHA-256 each time. */
  readonly changesHashed: number;
  /** Milliseconds of the whole placement that a join of a sixth node asks for, with three copies. */
  readonly placementMs: number;
}

type Kind = keyof Rates;

export class RateMeasurer {
  private readonly routing: RoutingTable;
  private readonly keys = keysOf(LOOKUPS_PER_BATCH);
  private readonly small = ringOf(NODES);
  private readonly large = ringOf(100);
  private readonly newcomer = { id: 'newcomer', weight: 1 };
  private readonly places = nodePositions(this.newcomer);
  private readonly placement = placed(nodesOf(NODES), 3, PARTITIONS);
  /** Of what was found, so that nothing can be left out. */
  private sum = 0;

  constructor() {
    this.routing = routingOf(nodesOf(NODES), this.placement);
  }

  measure(batches: number): Rates {
    const found: Record<Kind, number[]> = {
      lookUps: [],
      replicaLookUps: [],
      slowLookUpNs: [],
      changes: [],
      changesAmong100: [],
      changesHashed: [],
      placementMs: [],
    };
    for (let batch = -WARM_UP_BATCHES; batch < batches; batch++) {
      for (const [kind, value] of this.batch()) if (batch >= 0) found[kind].push(value);
    }
    if (this.sum < 0) throw new Error('owners have indexes from 0');
    const middle = (kind: Kind): number => median(found[kind]);
    return {
      lookUps: middle('lookUps'),
      replicaLookUps: middle('replicaLookUps'),
      slowLookUpNs: middle('slowLookUpNs'),
      changes: middle('changes'),
      changesAmong100: middle('changesAmong100'),
      changesHashed: middle('changesHashed'),
      placementMs: middle('placementMs'),
    };
  }

  private batch(): readonly (readonly [Kind, number])[] {
    const perSecond = (count: number, run: () => void): number => (count * 1000) / cpuMillisecondsOf(run);
    return [
      ['lookUps', perSecond(LOOKUPS_PER_BATCH, () => this.lookUp(0, LOOKUPS_PER_BATCH))],
      ['replicaLookUps', perSecond(LOOKUPS_PER_BATCH, () => this.lookUpReplicas())],
      ['slowLookUpNs', this.slowLookUp()],
      ['changes', perSecond(2 * CHANGES_PER_BATCH, () => this.change(this.small, this.places))],
      ['changesAmong100', perSecond(2 * CHANGES_PER_BATCH, () => this.change(this.large, this.places))],
      ['changesHashed', perSecond(2 * CHANGES_PER_BATCH, () => this.change(this.small, undefined))],
      ['placementMs', cpuMillisecondsOf(() => this.place())],
    ];
  }

  private lookUp(from: number, to: number): void {
    const { routing, keys } = this;
    for (let i = from; i < to; i++) this.sum += routing.servingOf[routing.partitionOf(keys, i * KEY_BYTES, KEY_BYTES)];
  }

  private lookUpReplicas(): void {
    const { routing, keys } = this;
    for (let i = 0; i < LOOKUPS_PER_BATCH; i++) {
      const owners = routing.ownersOf(routing.partitionOf(keys, i * KEY_BYTES, KEY_BYTES));
      for (let rank = 0; rank < owners.length; rank++) this.sum += owners[rank];
    }
  }

  private slowLookUp(): number {
    const samples: number[] = [];
    for (let sample = 0; sample < SAMPLES_PER_BATCH; sample++) {
      const from = sample * LOOKUPS_PER_SAMPLE;
      const ms = millisecondsOf(() => this.lookUp(from, from + LOOKUPS_PER_SAMPLE));
      samples.push((ms * 1e6) / LOOKUPS_PER_SAMPLE);
    }
    return percentile(samples, 99);
  }

  private change(ring: HashRing, places: Uint32Array | undefined): void {
    for (let i = 0; i < CHANGES_PER_BATCH; i++) ring.remove(ring.add(this.newcomer, places));
  }

  private place(): void {
    this.sum += placed(nodesOf(NODES + 1), 3, PARTITIONS, this.placement).length;
  }
}

function ringOf(count: number): HashRing {
  const ring = new HashRing();
  for (const node of nodesOf(count)) ring.add(node);
  return ring;
}

function cpuMillisecondsOf(run: () => void): number {
  const before = process.threadCpuUsage();
  run();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

function millisecondsOf(run: () => void): number {
  const startedAtMs = performance.now();
  run();
  return performance.now() - startedAtMs;
}
