/** Bugs put into a coordinator before its start, by replacing what its parts do. */
import {
  decide,
  EMPTY_CLUSTER_STATE,
  encodeClusterTable,
  evolve,
  type ChangeReply,
  type ChangeRequest,
  type ClusterCommand,
  type ClusterState,
  type Decision,
  type EventBatch,
} from '#libs/cluster';
import type { CoordinatorHost } from '#libs/coordinator-host';
import type { Bus } from '#libs/ports';
import { subjectsOf } from '#libs/wire';
import { CLUSTER_NAME } from '../cluster-settings.js';

/** What the bugs reach of a coordinator's parts, which are private. */
interface Insides {
  readonly keeper: {
    readonly state: ClusterState;
    speculative: ClusterState | undefined;
    readonly replicated: { cluster: ClusterState; applyBatch(batch: EventBatch): void };
    apply(command: ClusterCommand): Decision;
    whenAgreed(eventIndex: number, send: () => void): void;
  };
  readonly publisher: { onAgreed(state: ClusterState, isLeading: boolean): void };
  readonly deps: { readonly bus: Bus };
  change(request: ChangeRequest, onDone: (reply: ChangeReply) => void): void;
}

const insidesOf = (host: CoordinatorHost): Insides => host as unknown as Insides;

export function acknowledgesBeforeCommit(host: CoordinatorHost): void {
  insidesOf(host).keeper.whenAgreed = (_, send) => send();
}

export function decidesAsFollower(host: CoordinatorHost): void {
  const insides = insidesOf(host);
  const { keeper, publisher } = insides;
  const { replicated } = keeper;
  const apply = keeper.apply.bind(keeper);
  const change = insides.change.bind(host);
  keeper.apply = (command) => {
    if (keeper.speculative !== undefined) return apply(command);
    const decision = decide(replicated.cluster, command);
    if (!decision.ok || decision.events.length === 0) return decision;
    for (const event of decision.events) replicated.cluster = evolve(replicated.cluster, event);
    publisher.onAgreed(replicated.cluster, true);
    return decision;
  };
  insides.change = (request, onDone) => {
    if (keeper.speculative !== undefined || replicated.cluster.table === undefined) return change(request, onDone);
    const { requestId, changes } = request;
    const outcome = keeper.apply({ type: 'Change', requestId, changes });
    if (outcome.ok) onDone({ accepted: true, tableVersion: replicated.cluster.table.tableVersion });
  };
}

export function commitsMovesUnasked(host: CoordinatorHost): void {
  const { keeper } = insidesOf(host);
  const apply = keeper.apply.bind(keeper);
  keeper.apply = (command) => {
    const decision = apply(command);
    const { table } = keeper.state;
    if (command.type !== 'StartMove' || !decision.ok || table === undefined) return decision;
    const { partition } = command;
    const { epoch, moveId, primary, movingTo } = table.partitions[partition];
    const [source, target] = [table.nodes[primary], table.nodes[movingTo]];
    const report = {
      clusterId: table.clusterId,
      partition,
      epoch,
      moveId,
      source: source.nodeId,
      incarnation: source.incarnation,
      target: target.nodeId,
      targetIncarnation: target.incarnation,
      ok: true,
      reason: '',
    };
    apply({ type: 'FinishMove', report });
    return decision;
  };
}

export function publishesUncommitted(host: CoordinatorHost): void {
  const { keeper, deps } = insidesOf(host);
  const apply = keeper.apply.bind(keeper);
  const subject = subjectsOf(CLUSTER_NAME).table;
  keeper.apply = (command) => {
    const decision = apply(command);
    const { table } = keeper.state;
    const isChanged = decision.ok && decision.events.length > 0 && table !== undefined;
    if (isChanged) deps.bus.publish(subject, encodeClusterTable(table));
    return decision;
  };
}

export function appliesTwiceAfterRestart(host: CoordinatorHost, life: number): void {
  const { replicated } = insidesOf(host).keeper;
  const applyBatch = replicated.applyBatch.bind(replicated);
  let isFirst = life > 1;
  replicated.applyBatch = (batch) => {
    applyBatch(batch);
    // A cluster that is formed twice would stop at once.
    if (batch.events.some(({ type }) => type === 'ClusterFormed')) return;
    if (isFirst) applyBatch({ ...batch, baseEventIndex: replicated.cluster.eventIndex });
    isFirst = false;
  };
}

export function forgetsRequests(host: CoordinatorHost): void {
  const { keeper } = insidesOf(host);
  const apply = keeper.apply.bind(keeper);
  keeper.apply = (command) => {
    if (keeper.speculative !== undefined)
      keeper.speculative = { ...keeper.speculative, requests: EMPTY_CLUSTER_STATE.requests };
    return apply(command);
  };
}
