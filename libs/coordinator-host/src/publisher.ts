/**
 * Lets the world hear of what has become durable, and of nothing else: the table, the events, the answers that wait
 * for either.
 */
import {
  encodeClusterTable,
  type AnyEventNotice,
  type ClusterState,
  type ClusterTable,
  type EventBus,
} from '#libs/cluster';
import type { Bus } from '#libs/ports';
import { COORDINATOR_BOUNDS } from './bounds.js';

interface PendingReply {
  readonly eventIndex: number;
  readonly send: () => void;
}

export class Publisher {
  tablesPublished = 0;
  private durable: ClusterState | undefined;
  private encoded = new Uint8Array(0);
  private notices: AnyEventNotice[] = [];
  private replies: PendingReply[] = [];
  private readonly listeners = new Set<(table: ClusterTable) => void>();

  constructor(
    private readonly bus: Bus,
    private readonly events: EventBus,
    private readonly tableSubject: string,
  ) {}

  get table(): ClusterTable | undefined {
    return this.durable?.table;
  }

  /** The durable table's bytes; empty while there is none. */
  get tableBytes(): Uint8Array {
    return this.encoded;
  }

  get pendingEvents(): number {
    return this.notices.length;
  }

  onTable(listener: (table: ClusterTable) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The event is published once it is durable. */
  enqueue(notice: AnyEventNotice): void {
    this.notices.push(notice);
  }

  /** Calls back once everything up to the event is durable, at once where it is; never where too many wait. */
  whenDurable(eventIndex: number, send: () => void): void {
    if ((this.durable?.eventIndex ?? 0) >= eventIndex) send();
    else if (this.replies.length < COORDINATOR_BOUNDS.maxPendingReplies) this.replies.push({ eventIndex, send });
  }

  onDurable(state: ClusterState): void {
    this.durable = state;
    if (state.table !== undefined) {
      this.encoded = encodeClusterTable(state.table) as Uint8Array<ArrayBuffer>;
      this.publishTable();
      for (const listener of this.listeners) listener(state.table);
    }
    const isDurable = (item: { eventIndex: number }): boolean => item.eventIndex <= state.eventIndex;
    const notices = this.notices.filter((notice) => notice.index <= state.eventIndex);
    this.notices = this.notices.slice(notices.length);
    for (const notice of notices) this.events.publish(notice);
    const replies = this.replies.filter(isDurable);
    this.replies = this.replies.filter((reply) => !isDurable(reply));
    for (const reply of replies) reply.send();
  }

  publishTable(): void {
    if (this.encoded.length === 0) return;
    if (this.bus.publish(this.tableSubject, this.encoded)) this.tablesPublished++;
  }
}
