/**
 * Which partitions are served and which of their owners are in sync, as the primaries' heartbeats say: what is not listed there
 * is well (`Heartbeat.replication`). A word counts only if whoever gave it had a table with the partition's present epoch.
 * Kept in memory alone: all primaries repeat all of it with each heartbeat, so whoever begins to lead knows it soon.
 */
import { NO_NODE, type ClusterTable, type Heartbeat } from '#libs/cluster';

interface Word {
  readonly incarnation: number;
  readonly tableVersion: number;
  /** Everything that is amiss is listed. */
  readonly isComplete: boolean;
  readonly lagging: ReadonlyMap<number, { readonly epoch: number; readonly owners: number }>;
}

export class ReplicaStandings {
  /** By partition: its epoch, and the first table that this leader has seen it in. */
  private epochs = new Uint32Array(0);
  private since = new Float64Array(0);
  private table: ClusterTable | undefined;
  /** By node id. */
  private readonly words = new Map<string, Word>();

  /** Tables come in order; words about partitions whose epoch is another one now do not count any more. */
  follow(table: ClusterTable): void {
    if (table.partitions === this.table?.partitions) return this.keep(table);
    if (this.epochs.length !== table.partitions.length) {
      this.epochs = new Uint32Array(table.partitions.length);
      this.since = new Float64Array(table.partitions.length);
    }
    table.partitions.forEach(({ epoch }, partition) => {
      if (this.epochs[partition] === epoch) return;
      this.epochs[partition] = epoch;
      this.since[partition] = table.tableVersion;
    });
    this.keep(table);
  }

  heard({ nodeId, incarnation, tableVersion, replication }: Heartbeat): void {
    if (replication === undefined) return;
    const { lagging, laggingCount } = replication;
    this.words.set(nodeId, {
      incarnation,
      tableVersion,
      isComplete: lagging.length === laggingCount,
      lagging: new Map(lagging.map(({ partition, ...rest }) => [partition, rest])),
    });
  }

  /** Whether the primary serves under the present epoch. */
  isServed(partition: number): boolean {
    const primary = this.table?.partitions[partition].primary ?? NO_NODE;
    return primary !== NO_NODE && this.isInSync(partition, primary);
  }

  /** Whether the owner has what the primary has; of the primary itself, whether it serves. */
  isInSync(partition: number, owner: number): boolean {
    const lagging = this.laggingIn(partition);
    const current = this.table?.partitions[partition];
    if (lagging === undefined || current?.owners.includes(owner) !== true) return false;
    const { owners, primary } = current;
    return [primary, owner].every((each) => (lagging & (1 << owners.indexOf(each))) === 0);
  }

  /** Bits of the owners that lag; undefined where the primary has not said. */
  private laggingIn(partition: number): number | undefined {
    const current = this.table?.partitions[partition];
    if (this.table === undefined || current === undefined || current.primary === NO_NODE) return undefined;
    const { nodeId, incarnation } = this.table.nodes[current.primary];
    const word = this.words.get(nodeId);
    if (word?.incarnation !== incarnation || word.tableVersion < this.since[partition]) return undefined;
    const listed = word.lagging.get(partition);
    if (listed === undefined) return word.isComplete ? 0 : undefined;
    return listed.epoch === current.epoch ? listed.owners : undefined;
  }

  private keep(table: ClusterTable): void {
    if (table.nodes !== this.table?.nodes) {
      const present = new Set(table.nodes.map(({ nodeId }) => nodeId));
      for (const nodeId of this.words.keys()) if (!present.has(nodeId)) this.words.delete(nodeId);
    }
    this.table = table;
  }
}
