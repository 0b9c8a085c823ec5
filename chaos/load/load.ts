/**
 * Clients that work until they are stopped: each has a connection to its gateway, sends a few operations at a time, waits for
 * their answers and pauses for a moment. A client whose gateway is gone says of an operation now and then that it failed,
 * which it certainly did, and tries to connect again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SimRng } from '#libs/simulator';
import { type Address, ChaosConnection } from './chaos-connection.js';
import type { Workload } from './operation.js';
import type { Recorder } from './recorder.js';

/** Operations that one client has under way. */
const MAX_PIPELINE = 6;
const MAX_PAUSE_MS = 60;
const RECONNECT_MS = 100;

export class Load {
  private isStopped = false;
  private readonly clients: readonly Promise<void>[];

  /** Client i works at the gateway i modulo their count. */
  constructor(
    private readonly recorder: Recorder,
    private readonly workload: Workload,
    gateways: readonly Address[],
    clients: number,
    rng: SimRng,
  ) {
    this.clients = Array.from({ length: clients }, (_, i) =>
      this.work(gateways[i % gateways.length], rng.fork(`client ${i}`)),
    );
  }

  /** Settles once every operation is answered or given up. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.clients);
  }

  private async work(gateway: Address, rng: SimRng): Promise<void> {
    let connection: ChaosConnection | undefined;
    while (!this.isStopped) {
      if (connection?.isOpen !== true) connection = await ChaosConnection.open(gateway, this.recorder);
      if (connection === undefined) {
        await this.refused();
        continue;
      }
      const count = 1 + rng.below(MAX_PIPELINE);
      await connection.perform(Array.from({ length: count }, () => this.workload.next()));
      await sleep(rng.between(0, MAX_PAUSE_MS));
    }
    connection?.close();
  }

  private async refused(): Promise<void> {
    const id = this.recorder.invoke(this.recorder.newClient(), this.workload.next());
    this.recorder.complete(id, { outcome: 'failed', reason: 'not connected' });
    await sleep(RECONNECT_MS);
  }
}
