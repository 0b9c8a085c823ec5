import { connectNats } from './connect-nats.js';
import type { NatsBus } from './nats-bus.js';
import { NATS_DEFAULTS, type NatsOptions } from './nats-options.js';

/**
 * The two connections of a process, so that a burst of data never delays leases: `control` carries Raft, seals,
 * leases, membership and cluster events, `data` carries operations, replication and moves. The server shows them as
 * `<name>-control` and `<name>-data`.
 */
export class NatsConnections {
  private constructor(
    readonly control: NatsBus,
    readonly data: NatsBus,
  ) {}

  /** Opens both, or fails with a `NatsConnectError` and leaves none open. */
  static async open(options: NatsOptions): Promise<NatsConnections> {
    const name = options.name ?? NATS_DEFAULTS.name;
    const control = await connectNats({ ...options, name: `${name}-control` });
    try {
      return new NatsConnections(control, await connectNats({ ...options, name: `${name}-data` }));
    } catch (error) {
      await control.close();
      throw error;
    }
  }

  /** Data first: what it still carries may need a lease. Never fails. */
  async close(): Promise<void> {
    await this.data.close();
    await this.control.close();
  }
}
