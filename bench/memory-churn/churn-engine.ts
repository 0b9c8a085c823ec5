/** One churn of a StoreEngine, in a process of its own. The argument is a ChurnJob as JSON. */
import { KEY_BYTES } from '../memory/load-template.js';
import { MEAN_VALUE_BYTES, MixedStore } from '../memory/mixed-store.js';
import type { Churn, ChurnJob, ResidentReading } from './measurement.js';

/** Half of the keys that are drawn are stored: so overwrites, inserts and removals are about as frequent. */
const KEYS_PER_STORED = 2;
const READINGS = 200;
/** How often the engine's account corrects what the driver believes of the fill. */
const OPERATIONS_PER_CHECK = 256;
const RESIDENT_EVERY_MS = 1000;

class ChurnDriver {
  writtenBytes = 0;
  operations = 0;
  refusals = 0;
  private readonly store: MixedStore;
  private payloadTarget = 0;

  constructor(private readonly job: ChurnJob) {
    const stored = (job.fill * job.limitBytes) / (MEAN_VALUE_BYTES + KEY_BYTES);
    this.store = new MixedStore(Math.ceil(KEYS_PER_STORED * stored), { limitBytes: job.limitBytes });
    this.correct();
  }

  get stats(): ReturnType<MixedStore['engine']['stats']> {
    return this.store.engine.stats();
  }

  /** A set of any key, and the removals that the fill then needs; each counts as an operation. */
  step(): void {
    const { store } = this;
    const valueBytes = store.randomLength();
    const number = store.rng.below(store.keys);
    while (!store.set(number, valueBytes)) {
      this.refusals++;
      this.removeOne();
    }
    this.writtenBytes += KEY_BYTES + valueBytes;
    this.operations++;
    while (store.payloadBytes > this.payloadTarget) this.removeOne();
    if (this.operations % OPERATIONS_PER_CHECK === 0) this.correct();
  }

  private removeOne(): void {
    this.store.remove(this.store.randomStored());
    this.operations++;
  }

  /** What keys and values may take so that they, headers and index make the wanted fill. */
  private correct(): void {
    const { usedBytes, reclaimableBytes } = this.stats;
    const overheadBytes = usedBytes - reclaimableBytes - this.store.payloadBytes;
    this.payloadTarget = this.job.fill * this.job.limitBytes - overheadBytes;
  }
}

function churn(job: ChurnJob): Churn {
  const driver = new ChurnDriver(job);
  while (driver.writtenBytes < 2 * job.limitBytes) driver.step();
  const before = { written: driver.writtenBytes, moved: driver.stats.movedBytes, operations: driver.operations };
  const refusalsBefore = driver.refusals;
  const startedAtMs = performance.now();
  const endMs = startedAtMs + 60_000 * job.minutes;
  const resident: ResidentReading[] = [];
  const worst = { fragmentation: 0, reclaimable: 0, reserved: 0 };
  const readEvery = Math.ceil(job.operations / READINGS);
  let nextResidentMs = startedAtMs;
  for (let next = before.operations; ;) {
    driver.step();
    if (driver.operations < next) continue;
    next += readEvery;
    const { fragmentation, reclaimableBytes, segmentBytes } = driver.stats;
    worst.fragmentation = Math.max(worst.fragmentation, fragmentation);
    worst.reclaimable = Math.max(worst.reclaimable, reclaimableBytes / segmentBytes);
    worst.reserved = Math.max(worst.reserved, segmentBytes / job.limitBytes);
    const nowMs = performance.now();
    if (nowMs >= nextResidentMs) {
      nextResidentMs = nowMs + RESIDENT_EVERY_MS;
      resident.push({ seconds: (nowMs - startedAtMs) / 1000, bytes: process.memoryUsage.rss() });
    }
    if (driver.operations - before.operations >= job.operations && nowMs >= endMs) break;
  }
  const { fragmentation, reclaimableBytes, segmentBytes, movedBytes } = driver.stats;
  const writtenBytes = driver.writtenBytes - before.written;
  return {
    fill: job.fill,
    operations: driver.operations - before.operations,
    writtenBytes,
    movedPerWritten: (movedBytes - before.moved) / writtenBytes,
    fragmentation: { worst: worst.fragmentation, last: fragmentation },
    reclaimable: { worst: worst.reclaimable, last: reclaimableBytes / segmentBytes },
    reserved: worst.reserved,
    refusals: driver.refusals - refusalsBefore,
    resident,
  };
}

process.send?.(churn(JSON.parse(process.argv[2]) as ChurnJob));
process.disconnect();
