import type { Bus, Clock, Disk, Logger, ProcessUsage, Rng, Telemetry, Timers } from '#libs/ports';

export interface StoragePorts {
  readonly control: Bus;
  readonly data: Bus;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly rng: Rng;
  readonly logger: Logger;
  /** Where the host has no process to itself, as many have in one simulation, its heartbeats say 0. */
  readonly processUsage?: ProcessUsage;
  readonly telemetry: Telemetry;
  /** The node's data folder; used where {@link StorageOptions.persistence} is set. */
  readonly disk?: Disk;
}
