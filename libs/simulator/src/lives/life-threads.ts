/** Runs lives on several threads, or on this one. */
import { Worker } from 'node:worker_threads';
import { doLife, type LifeKind } from './life-job.js';
import type { LifeRecord } from './life-results.js';
import type { AnyPlan, LifeSuite } from './life-suite.js';

/** Answers false where no more lives are wanted. */
export type OnLife = (record: LifeRecord) => boolean;

export async function runLives<P extends AnyPlan>(
  suite: LifeSuite<P>,
  seeds: readonly number[],
  kind: LifeKind,
  workers: number,
  onLife: OnLife,
): Promise<void> {
  if (workers > 1) return runThreads(seeds, kind, workers, onLife);
  for (const seed of seeds) if (!onLife(doLife(suite, seed, kind))) return;
}

async function runThreads(seeds: readonly number[], kind: LifeKind, workers: number, onLife: OnLife): Promise<void> {
  let next = 0;
  let isWanted = true;
  const runThread = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./life-worker.js', import.meta.url), { workerData: kind });
      const goOn = (): void => {
        if (isWanted && next < seeds.length) worker.postMessage(seeds[next++]);
        else void worker.terminate().then(() => resolve(), reject);
      };
      worker.on('error', reject);
      worker.on('message', (record: LifeRecord) => {
        if (isWanted) isWanted = onLife(record);
        goOn();
      });
      goOn();
    });
  await Promise.all(Array.from({ length: Math.min(workers, seeds.length) }, runThread));
}
