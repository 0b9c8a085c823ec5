/** A thread that lives one seed after the other: it gets seeds, and answers their records. */
import { parentPort, workerData } from 'node:worker_threads';
import { doLife, type LifeKind } from './life-job.js';

parentPort?.on('message', (seed: number) => parentPort?.postMessage(doLife(seed, workerData as LifeKind)));
