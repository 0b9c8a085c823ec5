/**
 * The clients of a life. Their keys change with time, so that each key's history stays short enough to be judged; old
 * keys are still read, which is how the loss of what nobody writes any more is seen.
 */
import { type ClientCommand, get } from '../client-command.js';
import { gatewayName } from '../cluster-settings.js';
import type { SimCluster } from '../sim-cluster.js';
import type { SimRng } from '../sim-rng.js';
import { type WorkloadKeys, Workload, workloadKeys } from '../workload.js';

const GENERATION_MS = 1_000;
const KEYS = 8;
const OLD_READ_RATE = 0.15;
const MAX_UNANSWERED = 12;
const MAX_PAUSE_MS = 1_700;

export class ClusterLoad {
  isOn = false;
  private readonly keys: WorkloadKeys[] = [];

  constructor(
    private readonly cluster: SimCluster,
    private readonly rng: SimRng,
  ) {}

  start(clients: number): void {
    this.isOn = true;
    for (let client = 0; client < clients; client++) this.connect(client, this.rng.fork(`client ${client}`), new Map());
  }

  /** All keys that there have been. */
  get allKeys(): string[] {
    return this.keys.flatMap(({ registers, counters, logs }) => [...registers, ...counters, ...logs]);
  }

  /** A client that comes back, to some gateway, whenever its connection breaks. */
  private connect(number: number, rng: SimRng, workloads: Map<number, Workload>): void {
    if (!this.isOn) return;
    const { cluster } = this;
    const retry = (): void =>
      void cluster.queue.after(rng.between(20, 100), () => this.connect(number, rng, workloads));
    const client = cluster.connect(gatewayName(rng.below(cluster.settings.gateways)), retry);
    if (client === undefined) return retry();
    const work = (): void => {
      if (!client.isOpen) return;
      if (!this.isOn) return this.awaitReplies(client);
      if (client.pending < MAX_UNANSWERED) client.send(this.pipeline(number, rng, workloads));
      cluster.queue.after(rng.chance(0.2) ? rng.between(0, 2) : rng.between(10, 80), work);
    };
    work();
  }

  private pipeline(client: number, rng: SimRng, workloads: Map<number, Workload>): ClientCommand[] {
    if (!rng.chance(OLD_READ_RATE)) return this.workload(client, rng, workloads).next();
    const { registers, counters, logs } = this.generation(rng.below(Math.max(1, this.keys.length)));
    return [get(rng.pick([...registers, ...counters, ...logs]))];
  }

  private workload(client: number, rng: SimRng, workloads: Map<number, Workload>): Workload {
    const number = Math.floor(this.cluster.queue.nowMs / GENERATION_MS);
    let workload = workloads.get(number);
    if (workload === undefined) {
      workload = new Workload(rng.fork(`workload ${number}`), this.generation(number), client);
      workloads.clear();
      workloads.set(number, workload);
    }
    return workload;
  }

  private generation(number: number): WorkloadKeys {
    while (this.keys.length <= Math.max(0, number)) {
      const named = (keys: readonly string[]): string[] => keys.map((key) => `${key}.${this.keys.length}`);
      const { registers, counters, logs } = workloadKeys(KEYS);
      const keys = { registers: named(registers), counters: named(counters), logs: named(logs) };
      this.keys.push(keys);
      for (const key of [...keys.registers, ...keys.counters, ...keys.logs]) this.cluster.keys.add(key);
    }
    return this.keys[Math.max(0, number)];
  }

  /** After the load: each command of a connection that still stands must have been answered. */
  private awaitReplies(client: {
    readonly pending: number;
    readonly id: number;
    readonly isOpen: boolean;
    abandon(): void;
  }): void {
    this.cluster.queue.after(MAX_PAUSE_MS + 600, () => {
      if (client.isOpen && client.pending > 0) {
        this.cluster.find(`connection ${client.id}: ${client.pending} commands were never answered`);
      }
      client.abandon();
    });
  }
}
