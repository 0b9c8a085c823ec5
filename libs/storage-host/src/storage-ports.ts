import type { Bus, Clock, Logger, Rng, Telemetry, Timers } from '#libs/ports';

export interface StoragePorts {
  readonly control: Bus;
  readonly data: Bus;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
}
