/**
 * A storage node's way out. Until it owns nothing it goes on serving and says in its heartbeats that it drains, which
 * asks the coordinator to give its partitions to others. It does not wait where waiting is of no use.
 */
import { type ClusterTable, NO_NODE, type RoutingTable } from '#libs/cluster';
import type { Clock, Logger } from '#libs/ports';

/** An order to drain that no table shows after so long: no coordinator hears it. */
const UNHEARD_MS = 3_000;

export interface DrainParts {
  readonly nodeId: string;
  readonly incarnation: number;
  /** The longest wait; 0 for none. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class Drain {
  private startedAtMs = 0;
  private onDone: (() => void) | undefined;

  constructor(private readonly parts: DrainParts) {}

  get isUnderWay(): boolean {
    return this.onDone !== undefined;
  }

  begin(routing: RoutingTable | undefined, onDone: () => void): void {
    this.startedAtMs = this.parts.clock.monotonicMs();
    this.onDone = onDone;
    this.look(routing);
  }

  /** Ends the wait where it is time; called with each table and now and then. */
  look(routing: RoutingTable | undefined): void {
    const { onDone } = this;
    if (onDone === undefined) return;
    const self = this.indexIn(routing);
    const owned = routing === undefined || self === NO_NODE ? 0 : routing.partitionsOf(self).length;
    const reason = owned === 0 ? '' : this.whyInVain(routing?.table, self);
    if (reason === undefined) return;
    this.onDone = undefined;
    const { logger, nodeId } = this.parts;
    if (reason === '') logger.log('INFO', 'MEMBERSHIP', 'this node owns no partition (any more)', { nodeId });
    else logger.log('WARN', 'MEMBERSHIP', `${owned} partitions go with this node: ${reason}`, { nodeId });
    onDone();
  }

  private indexIn(routing: RoutingTable | undefined): number {
    const { nodeId, incarnation } = this.parts;
    const index = routing?.nodeIndexOf(nodeId) ?? NO_NODE;
    return index !== NO_NODE && routing?.nodes[index].incarnation === incarnation ? index : NO_NODE;
  }

  /** Undefined while there is hope. */
  private whyInVain(table: ClusterTable | undefined, self: number): string | undefined {
    const { clock, timeoutMs } = this.parts;
    const waitedMs = clock.monotonicMs() - this.startedAtMs;
    const canTakeOver = table?.nodes.some(
      ({ role, status }, index) =>
        index !== self && role === 'storage-node' && (status === 'up' || status === 'joining'),
    );
    if (canTakeOver !== true) return 'no other storage node is up';
    if (waitedMs >= timeoutMs) return `it has not handed them over within ${timeoutMs} ms`;
    const isHeard = table?.nodes[self].status === 'draining';
    return isHeard || waitedMs < UNHEARD_MS ? undefined : 'no coordinator answers';
  }
}
