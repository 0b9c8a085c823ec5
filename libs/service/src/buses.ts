/** The two connections of a service: over NATS, or within the process. The libraries are loaded when they are used. */
import type { HyperCacheConfig } from '#libs/config';
import { BOUNDS } from '#libs/kernel';
import type { Bus, Logger, Timers } from '#libs/ports';

export interface Buses {
  readonly control: Bus;
  readonly data: Bus;
  /** Sends what is waiting and ends both. */
  close(): Promise<void>;
}

export interface BusNeeds {
  readonly config: HyperCacheConfig;
  readonly nodeId: string;
  readonly timers: Timers;
  readonly logger: Logger;
  /** Ends the attempt to connect. */
  readonly signal: AbortSignal;
}

export type ConnectBuses = (needs: BusNeeds) => Promise<Buses>;

/** Fails with a NatsConnectError, whose message names the servers. */
export const natsBuses: ConnectBuses = async ({ config: { nats }, nodeId, logger, signal }) => {
  const [{ NatsConnections }, { natsOptions }] = await Promise.all([
    import('#libs/bus-nats'),
    import('./nats-settings.js'),
  ]);
  return NatsConnections.open({
    ...natsOptions(nats),
    name: nodeId,
    signal,
    onError: ({ kind, error, subject }) => {
      logger.log('WARN', 'EVENT_BUS', `NATS: ${kind}`, {
        error,
        ...(subject !== undefined && { details: { subject } }),
      });
    },
  });
};

export const inProcessBuses: ConnectBuses = async ({ timers, logger }) => {
  const { InProcessBroker, InProcessBus } = await import('#libs/bus-inprocess');
  const broker = new InProcessBroker({
    timers,
    // Payloads are handed over, not copied, so the largest value needs no cutting into parts.
    maxPayloadBytes: BOUNDS.maxAssemblyBytes,
    maxQueuedBytes: 2 * BOUNDS.maxAssemblyBytes,
    onHandlerError: (error, subject) => logger.log('ERROR', 'EVENT_BUS', `a handler of ${subject} failed`, { error }),
  });
  const control = new InProcessBus(broker);
  const data = new InProcessBus(broker);
  return {
    control,
    data,
    close: async () => {
      data.close();
      control.close();
    },
  };
};
