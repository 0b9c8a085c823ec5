/**
 * What the leader among the coordinators does as time passes: form the cluster, judge who has been silent, give partitions
 * whose primary is gone another one, move partitions, publish the table now and then. Followers do nothing of this.
 */
import type { ClusterEvent, ClusterTable, EpochReports, Heartbeat, Leave } from '#libs/cluster';
import type { Bus } from '#libs/ports';
import type { Admission } from './admission.js';
import type { FailureWatch } from './failure-watch.js';
import type { LimitedLog } from './limited-log.js';
import type { MemberRegistry } from './member-registry.js';
import type { CoordinatorOptions } from './options.js';
import { PromotionRetries } from './promotion-retries.js';
import type { Publisher } from './publisher.js';
import { Rebalancing } from './rebalancing.js';
import { ReplicaStandings } from './replica-standings.js';
import { ReplicationWarning } from './replication-warning.js';
import type { StateKeeper } from './state/state-keeper.js';

export interface LeaderDutiesParts {
  readonly bus: Bus;
  readonly options: CoordinatorOptions;
  readonly keeper: StateKeeper;
  readonly publisher: Publisher;
  readonly registry: MemberRegistry;
  readonly admission: Admission;
  readonly failures: FailureWatch;
  readonly log: LimitedLog;
}

export class LeaderDuties {
  readonly count = { started: 0, finished: 0, aborted: 0, failovers: 0, handBacks: 0, failedPromotions: 0 };
  private standings = new ReplicaStandings();
  private retries = new PromotionRetries();
  private rebalancing: Rebalancing;
  private readonly warning: ReplicationWarning;
  private nextBeaconMs = 0;

  constructor(private readonly parts: LeaderDutiesParts) {
    this.rebalancing = this.newRebalancing(0);
    this.warning = new ReplicationWarning(parts.log);
  }

  /** Leadership begins: nobody's silence before counts, and every move gets its time anew. */
  begin(nowMs: number): void {
    const { keeper, registry } = this.parts;
    this.standings = new ReplicaStandings();
    this.retries = new PromotionRetries();
    this.rebalancing = this.newRebalancing(nowMs);
    const { table } = keeper.state;
    if (table !== undefined) this.follow(table, nowMs);
    registry.startAfresh(nowMs);
  }

  heard(heartbeat: Heartbeat, nowMs: number): void {
    this.parts.registry.heard(heartbeat, nowMs);
    this.standings.heard(heartbeat);
    this.rebalancing.heard(heartbeat, nowMs);
  }

  /** A member stops on purpose. */
  left({ cluster, nodeId, incarnation }: Leave, nowMs: number): void {
    const { options, keeper, admission, failures, log } = this.parts;
    if (cluster !== options.cluster || !keeper.isLeading) return;
    admission.withdraw(nodeId);
    const { table } = keeper.state;
    if (table === undefined) return;
    const promotes = failures.mayPromote(table, nowMs);
    const outcome = keeper.apply({ type: 'Leave', nodeId, incarnation, promotes });
    if (!outcome.ok) log.log('WARN', 'MEMBERSHIP', `a leave was refused: ${outcome.reason}`, { nodeId });
  }

  /** Candidates could not begin their epochs; a word about an epoch that is over changes nothing. */
  promotionsFailed({ nodeId, failed }: EpochReports, nowMs: number): void {
    const { table } = this.parts.keeper.state;
    for (const failure of failed) {
      const { partition, epoch, reason } = failure;
      const current = table?.partitions.at(partition);
      if (current?.epoch !== epoch || table?.nodes[current.primary]?.nodeId !== nodeId) continue;
      this.count.failedPromotions++;
      this.retries.failed(failure, nodeId, nowMs);
      this.parts.log.log('WARN', 'REPLICATION', `a candidate could not begin: ${reason}`, { nodeId });
    }
  }

  tick(nowMs: number): void {
    const { bus, keeper, publisher, admission, options } = this.parts;
    admission.formWhenDue(nowMs);
    const { table } = keeper.state;
    if (table === undefined) return;
    if (bus.status === 'connected') this.judgeMembers(table, nowMs);
    this.rebalancing.tick(nowMs);
    this.warning.look(table);
    if (nowMs >= this.nextBeaconMs) {
      this.nextBeaconMs = nowMs + options.tableBeaconMs;
      publisher.publishTable();
    }
  }

  /** The group has agreed on something: there may be room for more. */
  goOn(nowMs: number): void {
    this.rebalancing.takeSteps(nowMs);
  }

  onDecided(events: readonly ClusterEvent[], nowMs: number): void {
    const { table } = this.parts.keeper.state;
    if (table !== undefined) this.follow(table, nowMs);
    for (const event of events) this.countIn(event);
    this.rebalancing.onDecided(events, nowMs);
  }

  private countIn(event: ClusterEvent): void {
    const { count } = this;
    if (event.type === 'MoveStarted') count.started++;
    else if (event.type === 'PartitionMoved') count.finished++;
    else if (event.type === 'MoveAborted') count.aborted++;
    else if (event.type === 'PrimaryChanged' && event.reason === 'failover') count.failovers++;
    else if (event.type === 'PrimaryChanged' && event.reason === 'handback') count.handBacks++;
  }

  private judgeMembers(table: ClusterTable, nowMs: number): void {
    const { keeper, registry, options, failures } = this.parts;
    failures.judge(table, nowMs);
    if (failures.mayPromote(table, nowMs)) this.promote(nowMs);
    for (const { nodeId, role, status } of table.nodes) {
      if (status !== 'down' && status !== 'left') continue;
      // A coordinator counts for the quorum until somebody says that it will not come back.
      if (role === 'coordinator' || registry.silentMs(nodeId, nowMs) < options.forgetAfterMs) continue;
      keeper.apply({ type: 'Forget', nodeId });
    }
  }

  /** What could not be promoted when its primary went, and what could not begin. */
  private promote(nowMs: number): void {
    const { keeper } = this.parts;
    keeper.apply({ type: 'FailOver' });
    for (const retry of this.retries.due(nowMs)) keeper.apply({ type: 'RetryPromotion', ...retry });
  }

  private follow(table: ClusterTable, nowMs: number): void {
    this.parts.registry.follow(table, nowMs);
    this.standings.follow(table);
    this.rebalancing.follow(table, nowMs);
  }

  private newRebalancing(nowMs: number): Rebalancing {
    const { options, keeper, registry } = this.parts;
    const silentMs = registry.silentMs.bind(registry);
    return new Rebalancing({ options, keeper, standings: this.standings, silentMs }, nowMs);
  }
}
