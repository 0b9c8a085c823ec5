/** One run of one seed: a cluster under load and faults, then healed, then judged. */
import { get } from './client-command.js';
import { type ClusterSettings, DEFAULT_CLUSTER, gatewayName } from './cluster-settings.js';
import { drawFaults, type Fault, healEverything } from './fault-plan.js';
import { formatOperation } from './history.js';
import { checkKey } from './linearizability.js';
import { SimCluster, type SimClusterOptions } from './sim-cluster.js';
import { formatLogLine, type SimLogLine } from './sim-log.js';
import type { Sabotage } from './sim-machine.js';
import { SimRng } from './sim-rng.js';
import { type WorkloadKeys, Workload, workloadKeys } from './workload.js';

export interface SimRunOptions {
  readonly seed: number;
  /** Simulated seconds under load. */
  readonly seconds?: number;
  readonly settings?: Partial<ClusterSettings>;
  readonly sabotage?: Sabotage;
  readonly onLogLine?: (line: SimLogLine) => void;
}

export interface SimReport {
  readonly seed: number;
  readonly ok: boolean;
  readonly findings: readonly string[];
  readonly simulatedSeconds: number;
  /** Operations on keys: acknowledged, certainly failed, and of unknown outcome. */
  readonly operations: { readonly ok: number; readonly failed: number; readonly unknown: number };
  readonly faults: readonly string[];
  /** Keys whose history was too tangled to be judged within the checker's bound. */
  readonly undecidedKeys: readonly string[];
  readonly moves: number;
  readonly traceHash: string;
  /** The last log lines, and the histories of keys that could not be explained. */
  readonly log: readonly string[];
  readonly histories: readonly string[];
}

export const DEFAULT_SECONDS = 3;
const CLIENTS = 6;
const KEYS = 12;
const FORMATION_LIMIT_MS = 10_000;
const HEALING_LIMIT_MS = 20_000;
/** Rebalancing after the faults meets clients too. */
const LOAD_AFTER_HEALING_MS = 700;
const REST_MS = 2_500;
const REPORTED_LINES = 60;

export function runSeed(options: SimRunOptions): SimReport {
  const run = new SimRun(options);
  run.form();
  run.load((options.seconds ?? DEFAULT_SECONDS) * 1000);
  run.heal();
  run.readEverything();
  return run.judge();
}

/** Small clusters of every shape. */
function drawSettings(rng: SimRng): ClusterSettings {
  return {
    ...DEFAULT_CLUSTER,
    coordinators: rng.pick([1, 3]),
    storageNodes: 1 + rng.below(4),
    lateStorageNodes: rng.below(3),
    gateways: 1 + rng.below(3),
    partitionCount: rng.pick([4, 16, 16, 64]),
  };
}

class SimRun {
  private readonly cluster: SimCluster;
  private readonly rng: SimRng;
  private readonly keys: WorkloadKeys;
  private faults: readonly Fault[] = [];
  private isLoading = false;

  constructor(private readonly options: SimRunOptions) {
    const settings = { ...drawSettings(new SimRng(options.seed).fork('settings')), ...options.settings };
    this.cluster = new SimCluster({ ...options, settings } satisfies SimClusterOptions);
    this.rng = this.cluster.rng.fork('run');
    this.keys = workloadKeys(KEYS);
    for (const key of this.allKeys()) this.cluster.keys.add(key);
  }

  form(): void {
    const { cluster } = this;
    cluster.startAll();
    if (!cluster.runUntil(() => cluster.isReady, FORMATION_LIMIT_MS)) cluster.find('no cluster was formed in time');
  }

  load(durationMs: number): void {
    const { cluster, rng } = this;
    const fromMs = cluster.queue.nowMs;
    const toMs = fromMs + durationMs;
    this.faults = drawFaults(rng.fork('faults'), cluster.settings, fromMs, toMs);
    for (const fault of this.faults) {
      cluster.queue.at(fault.atMs, () => {
        cluster.log.add('sim', 'INFO', 'LIFECYCLE', `FAULT: ${fault.name}`, {});
        fault.begin(cluster);
      });
    }
    this.isLoading = true;
    for (let client = 0; client < CLIENTS; client++) this.startClient(client);
    cluster.queue.runUntil(toMs);
  }

  heal(): void {
    const { cluster } = this;
    cluster.log.add('sim', 'INFO', 'LIFECYCLE', 'everything is healed', {});
    healEverything(cluster);
    cluster.queue.runFor(LOAD_AFTER_HEALING_MS);
    this.isLoading = false;
    cluster.queue.runFor(REST_MS);
    healEverything(cluster);
    if (!cluster.runUntil(() => cluster.isReady, HEALING_LIMIT_MS)) {
      const reasons = cluster
        .of('gateway')
        .map(({ name, gateway }) => `${name}: ${gateway?.unreadyReasons().join(', ')}`);
      cluster.find(`not ready ${HEALING_LIMIT_MS} ms after everything was healed: ${reasons.join('; ')}`);
    }
  }

  /** In the end every key can be read through every gateway. */
  readEverything(): void {
    const { cluster } = this;
    for (let i = 0; i < cluster.settings.gateways; i++) {
      const client = cluster.connect(gatewayName(i));
      client?.send(this.allKeys().map(get), ({ outcome }) => {
        if (outcome !== 'ok')
          cluster.find(`a read through ${gatewayName(i)} was ${outcome} after everything was healed`);
      });
      cluster.runUntil(() => client === undefined || client.pending === 0, REST_MS);
      if (client === undefined || client.pending > 0) cluster.find(`${gatewayName(i)} did not answer in the end`);
      client?.abandon();
    }
  }

  judge(): SimReport {
    const { cluster, options } = this;
    const histories: string[] = [];
    const undecidedKeys: string[] = [];
    for (const [key, operations] of cluster.history.byKey()) {
      const losses = cluster.history.losses.get(key) ?? [];
      const { verdict, stuckAt } = checkKey(operations, losses);
      if (verdict === 'undecided') undecidedKeys.push(key);
      if (verdict !== 'violation') continue;
      cluster.findings.push(
        `the history of key ${key} has no explanation; stuck at ${stuckAt.map(formatOperation).join(' | ')}`,
      );
      const lines = operations.toSorted((a, b) => a.invokeMs - b.invokeMs || a.id - b.id).map(formatOperation);
      const crashes = losses.map((atMs) => `its owner crashed, or evicted it, at ${atMs.toFixed(3)}`);
      histories.push([`key ${key} (partition ${cluster.partitionOf(key)})`, ...crashes, ...lines].join('\n  '));
    }
    const outcomes = { ok: 0, failed: 0, unknown: 0 };
    for (const { outcome } of cluster.history.operations) outcomes[outcome]++;
    return {
      seed: options.seed,
      ok: cluster.findings.length === 0,
      findings: cluster.findings,
      simulatedSeconds: cluster.queue.nowMs / 1000,
      operations: outcomes,
      faults: this.faults.map(({ atMs, name }) => `${atMs.toFixed(0)} ms: ${name}`),
      undecidedKeys,
      moves: cluster.moves,
      traceHash: cluster.trace.hash,
      log: cluster.log.lines().slice(-REPORTED_LINES).map(formatLogLine),
      histories,
    };
  }

  private allKeys(): string[] {
    return [...this.keys.registers, ...this.keys.counters, ...this.keys.logs];
  }

  /** A client that comes back, to some gateway, whenever its connection breaks. */
  private startClient(number: number): void {
    const { cluster } = this;
    const rng = this.rng.fork(`client ${number}`);
    const workload = new Workload(rng.fork('workload'), this.keys, number);
    const connect = (): void => {
      if (!this.isLoading) return;
      const gateway = gatewayName(rng.below(cluster.settings.gateways));
      const retry = (): void => void cluster.queue.after(rng.between(5, 50), connect);
      const client = cluster.connect(gateway, retry);
      if (client === undefined) return retry();
      const work = (): void => {
        if (!client.isOpen) return;
        if (!this.isLoading) return this.awaitReplies(client);
        if (client.pending < MAX_UNANSWERED) client.send(workload.next());
        cluster.queue.after(rng.chance(0.2) ? rng.between(0, 1) : rng.between(2, 30), work);
      };
      work();
    };
    connect();
  }

  /** After the load: each command of a connection that still stands must have been answered. */
  private awaitReplies(client: {
    readonly pending: number;
    abandon(): void;
    readonly id: number;
    readonly isOpen: boolean;
  }): void {
    this.cluster.queue.after(MAX_PAUSE_MS + 600, () => {
      if (client.isOpen && client.pending > 0) {
        this.cluster.find(`connection ${client.id}: ${client.pending} commands were never answered`);
      }
      client.abandon();
    });
  }
}

const MAX_UNANSWERED = 24;
const MAX_PAUSE_MS = 1_300;
