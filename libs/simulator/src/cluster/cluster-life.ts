/**
 * One life of a cluster: it forms, clients and operators use it while a plan's steps trouble it, then everything is healed
 * and has to work again. The first broken promise ends it.
 */
import { get } from '../client-command.js';
import { type ClusterSettings, DEFAULT_CLUSTER, gatewayName } from '../cluster-settings.js';
import { formatOperation } from '../history.js';
import { checkKey } from '../linearizability.js';
import { must } from '../raft/safety-checks.js';
import { SimCluster } from '../sim-cluster.js';
import { formatLogLine } from '../sim-log.js';
import { ClusterChecks } from './cluster-checks.js';
import { ClusterLoad } from './cluster-load.js';
import { HEALTHY, type ClusterMutation } from './cluster-mutants.js';
import { ClusterOperator } from './cluster-operator.js';
import type { ClusterPlan } from './cluster-plan.js';
import { ClusterSteps } from './cluster-steps.js';
import { tellMessage } from './cluster-transcript.js';

const FORMATION_LIMIT_MS = 10_000;
const HEALING_LIMIT_MS = 20_000;
/** Moves and elections after the end of trouble meet clients too. */
const LOAD_AFTER_HEALING_MS = 500;
const LOOK_MS = 20;
const MEMORY_EVERY_MS = 100;
const READ_LIMIT_MS = 2_500;
/** So long a search for an explanation of one key may be. */
const MAX_CONFIGURATIONS = 5_000;
const HEARTBEAT_MS = 200;

export interface ClusterLifeResult {
  readonly seed: number;
  /** The promise that was broken; undefined where none was. */
  readonly problem: string | undefined;
  /** When that was, or the end. */
  readonly atMs: number;
  /** Operations of clients that were answered. */
  readonly operations: number;
  readonly entries: number;
  readonly terms: number;
  readonly tables: number;
  readonly moves: number;
  /** Changes that operators were told of as made. */
  readonly changes: number;
  /** Coordinators that lost their disk or were taken out. */
  readonly replaced: number;
  readonly snapshots: number;
  /** Keys whose history was too tangled to be judged. */
  readonly undecided: number;
}

export interface ClusterLifeOptions {
  readonly mutation?: ClusterMutation;
  /** Hears of everything that happens, a line each. */
  readonly tell?: (line: string) => void;
}

export function runClusterLife(plan: ClusterPlan, options: ClusterLifeOptions = {}): ClusterLifeResult {
  const life = new ClusterLife(plan, options);
  let problem: string | undefined;
  try {
    life.live();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    problem = error.name === 'SafetyViolation' ? error.message : `${error.name}: ${error.message}`;
    life.note(`VIOLATION  ${problem}`);
  }
  return life.result(problem);
}

class ClusterLife {
  private readonly cluster: SimCluster;
  private readonly checks = new ClusterChecks();
  private readonly load: ClusterLoad;
  private readonly operator: ClusterOperator;
  private readonly steps: ClusterSteps;
  private undecided = 0;
  private terms = 0;

  constructor(
    private readonly plan: ClusterPlan,
    private readonly options: ClusterLifeOptions,
  ) {
    const { tell, mutation = HEALTHY } = options;
    this.cluster = new SimCluster({
      seed: plan.seed,
      settings: settingsOf(plan),
      sabotage: mutation.make(),
      onMachineTurn: (machine) => this.checks.onTurn(machine),
      ...(tell !== undefined && { onLogLine: (line) => tell(formatLogLine(line)) }),
    });
    const { network, rng } = this.cluster;
    network.onPublished = (...message) => this.checks.onPublished(...message);
    network.onArrival = (passage) => {
      if (tell !== undefined) tellMessage(passage, (text) => this.note(text));
      this.checks.onArrival(passage);
    };
    this.load = new ClusterLoad(this.cluster, rng.fork('load'));
    this.operator = new ClusterOperator(this.cluster);
    this.steps = new ClusterSteps(this.cluster, this.operator);
    this.watchMemory();
  }

  live(): void {
    const { cluster, plan, load, steps } = this;
    cluster.startAll();
    this.await(
      () => cluster.isReady,
      FORMATION_LIMIT_MS,
      () => 'no cluster was formed',
    );
    const beginMs = cluster.queue.nowMs;
    for (const step of plan.steps) {
      cluster.queue.at(beginMs + step.atMs, () => {
        const { atMs: _, ...what } = step;
        if (this.options.tell !== undefined) this.note(`STEP  ${JSON.stringify(what)}`);
        steps.run(step);
      });
    }
    load.start(plan.clients);
    this.runUntil(beginMs + plan.endMs);
    this.heal();
    this.readEverything();
    this.judge();
  }

  result(problem: string | undefined): ClusterLifeResult {
    const { cluster, checks, operator } = this;
    const { tables, group } = checks;
    const answered = cluster.history.operations.reduce((sum, { outcome }) => sum + (outcome === 'ok' ? 1 : 0), 0);
    return {
      seed: this.plan.seed,
      problem,
      atMs: cluster.queue.nowMs,
      operations: answered,
      entries: group.checks.maxCommitted,
      terms: this.terms,
      tables: tables.newest?.tableVersion ?? 0,
      moves: tables.moves,
      changes: group.acknowledged,
      replaced: operator.replaced,
      snapshots: group.snapshotsInstalled,
      undecided: this.undecided,
    };
  }

  note(text: string): void {
    this.options.tell?.(`${this.cluster.queue.nowMs.toFixed(3).padStart(10)} ${text}`);
  }

  /** Everything works again: all agree on a table, nothing is left to do, and changes are made. */
  private heal(): void {
    const { cluster, steps, operator, load } = this;
    this.note('everything works again');
    steps.heal();
    this.runUntil(cluster.queue.nowMs + LOAD_AFTER_HEALING_MS);
    load.isOn = false;
    steps.heal();
    this.await(
      () => !operator.isBusy && this.whyUneasy() === undefined,
      HEALING_LIMIT_MS,
      () => this.whyUneasy() ?? 'a coordinator waits for its place',
    );
    let isDone = false;
    const ask = (): void =>
      operator.ask(gatewayName(0), { type: 'Rebalance' }, ({ ok }) => {
        if (ok) isDone = true;
        else cluster.queue.after(LOOK_MS, ask);
      });
    ask();
    this.await(
      () => isDone && this.whyUneasy() === undefined,
      HEALING_LIMIT_MS,
      () => this.whyUneasy() ?? 'no change is made',
    );
    const { leader } = cluster;
    if (leader?.coordinator !== undefined) this.checks.group.checkKept(leader.name, leader.coordinator.agreed);
    this.terms = leader?.coordinator?.raft?.status.term ?? 0;
  }

  /** What is not in order though everything works; undefined where all is. */
  private whyUneasy(): string | undefined {
    const { cluster } = this;
    const leader = cluster.leader?.coordinator;
    const table = leader?.agreed.table;
    if (leader?.raft === undefined || table === undefined) return 'nobody leads';
    for (const machine of cluster.machines.values()) {
      const { name, gateway, storageNode, coordinator } = machine;
      if (!machine.isUp) {
        if (!this.operator.isRemoving(name)) machine.start();
        return `${name} is down`;
      }
      if (gateway?.ready === false) return `${name} is not ready: ${gateway.unreadyReasons().join(', ')}`;
      const host = gateway ?? storageNode;
      const version = host === undefined ? coordinator?.agreed.table?.tableVersion : host.routing?.tableVersion;
      if (version !== table.tableVersion) return `${name} has table ${version}, the leader ${table.tableVersion}`;
      if (coordinator?.strayBatches === undefined) continue;
      if (coordinator.raft?.status.commit !== leader.raft.status.commit) return `${name} is behind the leader`;
    }
    const moving = table.partitions.findIndex(({ moveId }) => moveId !== 0);
    return moving < 0 ? undefined : `partition ${moving} is still moving`;
  }

  /** In the end every key can be read through every gateway. */
  private readEverything(): void {
    const { cluster } = this;
    for (let i = 0; i < cluster.settings.gateways; i++) {
      const name = gatewayName(i);
      const client = cluster.connect(name);
      must(client !== undefined, `${name} takes no connection in the end`);
      client.send(this.load.allKeys.map(get), ({ outcome }) =>
        must(outcome === 'ok', `a read through ${name} was ${outcome} in the end`),
      );
      this.await(
        () => client.pending === 0,
        READ_LIMIT_MS,
        () => `${name} does not answer in the end`,
      );
    }
  }

  private judge(): void {
    const { history } = this.cluster;
    for (const [key, operations] of history.byKey()) {
      const { verdict, stuckAt } = checkKey(operations, history.losses.get(key), MAX_CONFIGURATIONS);
      if (verdict === 'undecided') this.undecided++;
      if (verdict !== 'violation') continue;
      for (const operation of operations.toSorted((a, b) => a.invokeMs - b.invokeMs))
        this.note(formatOperation(operation));
      for (const atMs of history.losses.get(key) ?? []) this.note(`its owner crashed at ${atMs.toFixed(3)}`);
      must(false, `the history of key ${key} has no explanation: stuck at ${stuckAt.map(formatOperation).join(' | ')}`);
    }
  }

  private watchMemory(): void {
    const { queue, machines } = this.cluster;
    this.checks.checkMemory(machines.values());
    queue.after(MEMORY_EVERY_MS, () => this.watchMemory());
  }

  private await(condition: () => boolean, limitMs: number, complaint: () => string): void {
    const { queue } = this.cluster;
    const endMs = queue.nowMs + limitMs;
    while (!condition()) {
      must(queue.nowMs < endMs, `${complaint()}, although everything works`);
      this.runUntil(queue.nowMs + LOOK_MS);
    }
  }

  private runUntil(timeMs: number): void {
    const { queue, findings } = this.cluster;
    while (queue.step(timeMs)) if (findings.length > 0) must(false, findings[0]);
    queue.runUntil(timeMs);
  }
}

function settingsOf(plan: ClusterPlan): ClusterSettings {
  const { coordinators, spareCoordinators, storageNodes, lateStorageNodes, gateways, partitions, snapshotEvery } = plan;
  return {
    ...DEFAULT_CLUSTER,
    coordinators,
    spareCoordinators,
    storageNodes,
    lateStorageNodes,
    gateways,
    partitionCount: partitions,
    heartbeatMs: HEARTBEAT_MS,
    snapshotEvery,
  };
}
