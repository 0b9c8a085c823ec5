/** A thread that lives one seed after the other: it gets seeds, and answers their records. */
import { parentPort, workerData } from 'node:worker_threads';
import { CLUSTER_SUITE } from '../cluster/cluster-suite.js';
import { RAFT_SUITE } from '../raft/raft-suite.js';
import { doLife, type LifeKind } from './life-job.js';

const kind = workerData as LifeKind;
parentPort?.on('message', (seed: number) => {
  parentPort?.postMessage(
    kind.suite === CLUSTER_SUITE.name ? doLife(CLUSTER_SUITE, seed, kind) : doLife(RAFT_SUITE, seed, kind),
  );
});
