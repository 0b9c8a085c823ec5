/** Lets the world hear of what the group has agreed on, and of nothing else. */
import {
  encodeClusterTable,
  type AnyEventNotice,
  type ClusterState,
  type ClusterTable,
  type EventBus,
} from '#libs/cluster';
import type { Bus } from '#libs/ports';

const NO_BYTES = new Uint8Array(0);

export class Publisher {
  tablesPublished = 0;
  private agreed: ClusterTable | undefined;
  private encoded: Uint8Array | undefined;
  private readonly listeners = new Set<(table: ClusterTable) => void>();

  constructor(
    private readonly bus: Bus,
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

  /** Listeners in this process hear of it at once; everybody else from the leader. */
  onAgreed({ table }: ClusterState, isLeading: boolean): void {
    if (table === undefined || table === this.agreed) return;
    this.agreed = table;
    this.encoded = undefined;
    if (isLeading) this.publishTable();
    for (const listener of this.listeners) listener(table);
  }

  publishEvent(notice: AnyEventNotice): void {
    this.events.publish(notice);
  }

  publishTable(): void {
    if (this.agreed === undefined) return;
    if (this.bus.publish(this.tableSubject, this.tableBytes)) this.tablesPublished++;
  }
}
