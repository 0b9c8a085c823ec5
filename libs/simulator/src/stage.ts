/** What scenarios are written in: a small cluster, verbs to act on it, and a judge in the end. */
import type { CommandResult, ClientCommand } from './client-command.js';
import type { ClusterSettings } from './cluster-settings.js';
import { formatOperation } from './history.js';
import { checkKey } from './linearizability.js';
import type { SimClient } from './sim-client.js';
import { SimCluster } from './sim-cluster.js';

const SETTINGS: Partial<ClusterSettings> = { storageNodes: 2, lateStorageNodes: 1, gateways: 1, partitionCount: 16 };
export interface Scenario {
  readonly name: string;
  readonly promise: string;
  /** How many seeds it is run with: timing is what most of them are about. */
  readonly seeds: number;
  /** What its cluster has otherwise than the others'. */
  readonly settings?: Partial<ClusterSettings>;
  readonly run: (stage: Stage) => void;
}

const ANSWER_LIMIT_MS = 2_000;

/** A cluster with the verbs that scenarios are written in. */
export class Stage {
  readonly cluster: SimCluster;

  constructor(
    readonly seed: number,
    settings: Partial<ClusterSettings> = {},
  ) {
    this.cluster = new SimCluster({ seed, settings });
  }

  form(): void {
    this.cluster.startAll();
    this.demand(
      this.cluster.runUntil(() => this.cluster.isReady),
      'no cluster was formed',
    );
  }

  client(gateway = 'gw1'): SimClient {
    const client = this.cluster.connect(gateway);
    if (client === undefined) throw new Error(`${gateway} is down`);
    return client;
  }

  /** Sends one command and runs until its reply is there. */
  ask(client: SimClient, command: ClientCommand): CommandResult {
    return this.tell(client, command).wait();
  }

  /** Sends one command; `wait` runs until its reply is there. */
  tell(client: SimClient, command: ClientCommand): { wait(): CommandResult } {
    for (const { key } of command.steps) this.cluster.keys.add(key);
    let result: CommandResult | undefined;
    client.send([command], (given) => (result = given));
    const wait = (): CommandResult => {
      this.demand(
        this.cluster.runUntil(() => result !== undefined, ANSWER_LIMIT_MS),
        `${command.words.join(' ')}: no reply`,
      );
      return result ?? { outcome: 'unknown', answers: [], finding: undefined };
    };
    return { wait };
  }

  demand(condition: boolean, complaint: string): void {
    if (!condition) this.cluster.find(complaint);
  }

  demandOk(result: CommandResult, what: string, answer?: string | number | null): void {
    this.demand(result.outcome === 'ok', `${what}: ${result.outcome}`);
    if (answer === undefined) return;
    this.demand(result.answers[0] === answer, `${what}: ${String(result.answers[0])} instead of ${String(answer)}`);
  }

  /** A key that a node serves as primary. */
  keyOf(node: string, prefix = 'k'): string {
    for (let i = 0; ; i++) if (this.cluster.primaryOf(`${prefix}${i}`) === node) return `${prefix}${i}`;
  }

  /** Every key's history has an explanation. */
  judge(): readonly string[] {
    for (const [key, operations] of this.cluster.history.byKey()) {
      const { verdict, stuckAt } = checkKey(operations, this.cluster.history.losses.get(key));
      this.demand(verdict !== 'violation', `no explanation for ${key}: ${stuckAt.map(formatOperation).join(' | ')}`);
    }
    return this.cluster.findings;
  }
}

/** The findings of all its seeds. */
export function runScenario({ run, seeds, settings }: Scenario): readonly string[] {
  const findings: string[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const stage = new Stage(seed, { ...SETTINGS, ...settings });
    run(stage);
    findings.push(...stage.judge().map((finding) => `seed ${seed}: ${finding}`));
  }
  return findings;
}
