/**
 * Where the processes live, which decides what can be done to them: all on the loopback of this machine, or each service in a
 * network namespace of its own, with links that can be cut and disks that can be filled.
 */
import { LOOPBACK } from '../../bench/lib/ports.js';
import type { Place } from '../cluster/cluster-scripts.js';
import type { Cut } from '../nemesis/fault.js';

export interface World {
  /** What nats-server listens on. */
  readonly natsHost: string;
  /** Of services without a place of their own. */
  readonly host: string;
  /** The address of a service for clients. */
  hostOf(id: string): string;
  placeOf(id: string, natsPort: number): Place;
  cut(id: string, way: Cut): void;
  mend(id: string): void;
  /** Uses up what is left of the disk that a data folder is on. */
  fillDisk(folder: string): void;
  emptyDisk(folder: string): void;
  /** Gives back what lies in folders that outlive the run. */
  release(): void;
}

export class LoopbackWorld implements World {
  readonly natsHost = LOOPBACK;
  readonly host = LOOPBACK;

  hostOf(): string {
    return LOOPBACK;
  }

  placeOf(_id: string, natsPort: number): Place {
    return { host: LOOPBACK, natsUrl: `nats://${LOOPBACK}:${natsPort}`, wrapper: [] };
  }

  cut(): void {
    throw new Error('no link of the loopback can be cut');
  }

  mend(): void {}

  fillDisk(): void {
    throw new Error('the disk is that of the machine');
  }

  emptyDisk(): void {}

  release(): void {}
}
