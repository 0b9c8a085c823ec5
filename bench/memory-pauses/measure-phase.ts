/** One phase, all its rounds, in a process of its own. The argument is a PauseJob as JSON. */
import { STORAGE_DEFAULTS } from '#libs/storage-host';
import { VALUE_BYTES } from '../memory/load-template.js';
import { MixedStore } from '../memory/mixed-store.js';
import { FullNode } from './full-node.js';
import { type PauseJob, type Pauses, pausesOf, type PhaseName } from './measurement.js';
import { Stopwatch } from './stopwatch.js';

/** As many expired entries as a storage node removes at a time by default. */
const EXPIRY_BATCH = STORAGE_DEFAULTS.expirySweepEntries;
const SETTLE_EVERY = 4096;
const UNLIMITED_BYTES = 16 * 2 ** 30;
const NOW_MS = 1_800_000_000_000;
const TTL_MS = 3_600_000;

/** What a phase does once a round: prepares a store, and answers its operations, each by number. */
interface Phase {
  readonly operations: number;
  /** What is part of no operation, such as a command's encoding. */
  readonly prepare: (index: number) => void;
  readonly operate: (index: number) => void;
}

/** Short entries into a store that grows: pages split, tables and segments are taken. */
function growth({ keys }: PauseJob): Phase {
  const store = new MixedStore(keys, { limitBytes: UNLIMITED_BYTES });
  return {
    operations: keys,
    prepare: (index) => store.encode(index, VALUE_BYTES),
    operate: (index) => {
      if (!store.apply(index)) throw new Error('the engine has no room');
    },
  };
}

/** Entries of mixed sizes into a full store, each with what a storage node then evicts. */
function eviction({ limitBytes, operations }: PauseJob): Phase {
  const node = new FullNode(limitBytes, NOW_MS);
  node.fill();
  return { operations, prepare: () => node.draw(), operate: () => node.set() };
}

/** Batches of entries that are due, until none is left. */
function expiry({ keys }: PauseJob): Phase {
  const store = new MixedStore(keys, { limitBytes: UNLIMITED_BYTES });
  for (let number = 0; number < keys; number++) {
    const expiresAtMs = NOW_MS + 1 + store.rng.below(TTL_MS);
    if (!store.set(number, VALUE_BYTES, expiresAtMs)) throw new Error('the engine has no room');
  }
  const remove = (partition: number, ref: number): void => store.removeAt(partition, ref);
  return {
    operations: Math.ceil(keys / EXPIRY_BATCH),
    prepare: () => undefined,
    operate: () => void store.engine.collectExpired(NOW_MS + TTL_MS + 1, EXPIRY_BATCH, remove),
  };
}

const PHASE_MAKERS: Readonly<Record<PhaseName, (job: PauseJob) => Phase>> = { growth, eviction, expiry };

async function round(job: PauseJob): Promise<Float32Array> {
  const { operations, prepare, operate } = PHASE_MAKERS[job.phase](job);
  const times = new Float32Array(operations);
  const stopwatch = new Stopwatch(times);
  await stopwatch.settle();
  for (let i = 0; i < operations; i++) {
    prepare(i);
    const startMs = performance.now();
    operate(i);
    stopwatch.note(i, startMs, performance.now());
    if (i % SETTLE_EVERY === 0) await stopwatch.settle();
  }
  await stopwatch.settle();
  stopwatch.stop();
  return times;
}

async function measure(job: PauseJob): Promise<Pauses> {
  const rounds: Float32Array[] = [];
  for (let i = 0; i < job.rounds; i++) {
    globalThis.gc?.();
    rounds.push(await round(job));
  }
  return pausesOf(job.phase, rounds);
}

process.send?.(await measure(JSON.parse(process.argv[2]) as PauseJob));
process.disconnect();
