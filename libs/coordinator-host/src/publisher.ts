/** Lets the world hear of what the group has agreed on, and of nothing else. */
import {
  encodeClusterTable,
  type AnyEventNotice,
  type ClusterState,
  type ClusterTable,
  type EventBus,
} from '#libs/cluster';
import type { Bus, Clock, TimerHandle, Timers } from '#libs/ports';

const NO_BYTES = new Uint8Array(0);
/** So long a table waits at most for the next one, which is being agreed on already. */
const LONGEST_HOLD_MS = 20;

export class Publisher {
  tablesPublished = 0;
  private agreed: ClusterTable | undefined;
  private encoded: Uint8Array | undefined;
  private publishedMs = Number.NEGATIVE_INFINITY;
  private held: TimerHandle | undefined;
  private readonly listeners = new Set<(table: ClusterTable) => void>();

  constructor(
    private readonly ports: { readonly bus: Bus; readonly clock: Clock; readonly timers: Timers },
    private readonly events: EventBus,
    private readonly tableSubject: string,
  ) {}

  get table(): ClusterTable | undefined {
    return this.agreed;
  }

  /** The agreed table's bytes; empty while there is none. */
  get tableBytes(): Uint8Array {
    if (this.agreed === undefined) return NO_BYTES;
    this.encoded ??= encodeClusterTable(this.agreed);
    return this.encoded;
  }

  onTable(listener: (table: ClusterTable) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Listeners in this process hear of it at once; everybody else from the leader. Where `isBrief`, the next table is
   * under way: while many changes come, each table would cost every member more than its change did.
   */
  onAgreed({ table }: ClusterState, isLeading: boolean, isBrief: boolean): void {
    if (table === undefined || table === this.agreed) return;
    this.agreed = table;
    this.encoded = undefined;
    if (isLeading) this.publishNowOrSoon(isBrief);
    for (const listener of this.listeners) listener(table);
  }

  publishEvent(notice: AnyEventNotice, encoded: Uint8Array): void {
    this.events.publish(notice, encoded);
  }

  publishTable(): void {
    this.held?.cancel();
    this.held = undefined;
    if (this.agreed === undefined) return;
    this.publishedMs = this.ports.clock.monotonicMs();
    if (this.ports.bus.publish(this.tableSubject, this.tableBytes)) this.tablesPublished++;
  }

  private publishNowOrSoon(isBrief: boolean): void {
    const waitMs = this.publishedMs + LONGEST_HOLD_MS - this.ports.clock.monotonicMs();
    if (!isBrief || waitMs <= 0) this.publishTable();
    else this.held ??= this.ports.timers.after(waitMs, () => this.publishTable());
  }
}
