/** Clusters with a known bug: checks that do not find them are worth nothing. */
import { HEALTHY_SABOTAGE, type Sabotage } from '../sim-machine.js';
import {
  acknowledgesBeforeCommit,
  appliesTwiceAfterRestart,
  commitsMovesUnasked,
  decidesAsFollower,
  forgetsRequests,
  publishesUncommitted,
} from './coordinator-bugs.js';
import { SimDisk } from '../sim-disk.js';
import { servesWhileSealed } from './storage-bugs.js';

export interface ClusterMutation {
  /** A fresh one for each life: some keep state. */
  readonly make: () => Sabotage;
}

export interface ClusterMutant extends ClusterMutation {
  readonly name: string;
  readonly tells: string;
}

export const HEALTHY: ClusterMutation = { make: () => HEALTHY_SABOTAGE };

export const CLUSTER_MUTANTS: readonly ClusterMutant[] = [
  {
    name: 'acknowledges-before-commit',
    tells: 'answers a request for changes before the group has agreed',
    make: () => ({ coordinator: acknowledgesBeforeCommit }),
  },
  {
    name: 'decides-as-follower',
    tells: 'decides and publishes though another coordinator leads',
    make: () => ({ coordinator: decidesAsFollower }),
  },
  {
    name: 'commits-moves-unasked',
    tells: 'ends a move without the report of its source',
    make: () => ({ coordinator: commitsMovesUnasked }),
  },
  {
    name: 'publishes-uncommitted',
    tells: 'publishes a table before the group has agreed on it',
    make: () => ({ coordinator: publishesUncommitted }),
  },
  {
    name: 'applies-twice-after-restart',
    tells: 'applies the first batch after its start twice',
    make: () => ({ coordinator: appliesTwiceAfterRestart }),
  },
  {
    name: 'forgets-requests',
    tells: 'does not know which requests have been carried out',
    make: () => ({ coordinator: forgetsRequests }),
  },
  {
    name: 'serves-while-sealed',
    tells: 'goes on serving a partition while it copies it to another node',
    make: () => ({ storageNode: servesWhileSealed }),
  },
  {
    name: 'sync-ignored',
    tells: 'has a disk that says it has synced and has not',
    make: () => ({
      disk: (disk) => {
        if (disk instanceof SimDisk) disk.storage.ignoresSyncs = true;
        return disk;
      },
    }),
  },
];
