/**
 * What must hold of tables wherever one is seen: at coordinators, on the bus, at gateways and storage nodes. Tables of one
 * version are the same everywhere; nobody sees one before the coordinators have agreed on it; of each partition each epoch
 * has one primary; and nobody goes back.
 */
import { NO_NODE, type ClusterTable } from '#libs/cluster';
import { must } from '../raft/safety-checks.js';

/** Keys of partition and epoch: below, epochs. */
const EPOCH_RANGE = 2 ** 32;

export class TableChecks {
  /** The newest table that a coordinator has agreed on. */
  newest: ClusterTable | undefined;
  /** Partitions that have changed their primary. */
  moves = 0;
  /** Fingerprints by version. */
  private readonly known = new Map<number, number>();
  private readonly fingerprints = new WeakMap<ClusterTable, number>();
  private readonly primaries = new Map<number, string>();
  /** By process. */
  private readonly followed = new WeakMap<object, number>();

  /** A coordinator has applied what makes this table. */
  onAgreed(where: string, table: ClusterTable): void {
    const { tableVersion } = table;
    const isNew = tableVersion > (this.newest?.tableVersion ?? 0);
    if (isNew) {
      this.checkPrimaries(table);
      this.newest = table;
    }
    this.compare(where, table, true);
  }

  /** Somebody has, or sends, this table. */
  onSeen(where: string, table: ClusterTable): void {
    const agreed = this.newest?.tableVersion ?? 0;
    const { tableVersion } = table;
    must(tableVersion <= agreed, `${where}: table ${tableVersion} before the coordinators have agreed on it`);
    this.compare(where, table, false);
  }

  /** A process follows this table now. */
  onFollowed(process: object, name: string, table: ClusterTable): void {
    const before = this.followed.get(process) ?? 0;
    must(table.tableVersion >= before, `${name}: goes back from table ${before} to ${table.tableVersion}`);
    this.followed.set(process, table.tableVersion);
    this.onSeen(name, table);
  }

  private compare(where: string, table: ClusterTable, mayBeNew: boolean): void {
    const { tableVersion, clusterId } = table;
    must(clusterId === (this.newest ?? table).clusterId, `${where}: there is a second cluster`);
    const mark = this.fingerprints.get(table) ?? fingerprint(table);
    this.fingerprints.set(table, mark);
    const known = this.known.get(tableVersion);
    if (known === undefined && mayBeNew) this.known.set(tableVersion, mark);
    must(known === undefined || known === mark, `${where}: table ${tableVersion} is another one than elsewhere`);
  }

  private checkPrimaries(table: ClusterTable): void {
    const { nodes, partitions } = table;
    partitions.forEach(({ epoch, primary: index }, partition) => {
      if (index === NO_NODE) return;
      const key = partition * EPOCH_RANGE + epoch;
      const primary = nodes[index].nodeId;
      const known = this.primaries.get(key);
      if (known === undefined) {
        this.primaries.set(key, primary);
        if (this.newest !== undefined) this.countMove(this.newest, partition, primary);
      } else must(known === primary, `partition ${partition}: ${known} and ${primary} are primaries of epoch ${epoch}`);
    });
  }

  private countMove({ nodes, partitions }: ClusterTable, partition: number, primary: string): void {
    const owner = partitions[partition].primary;
    if (owner !== NO_NODE && nodes[owner].nodeId !== primary) this.moves++;
  }
}

/** Of all that a table says of who owns what. */
function fingerprint({ tableVersion, nodes, partitions, stores, settings }: ClusterTable): number {
  let hash = 0x811c9dc5;
  const mix = (word: number): void => {
    hash = Math.imul(hash ^ word, 0x01000193);
  };
  const mixText = (text: string): void => {
    for (let i = 0; i < text.length; i++) mix(text.charCodeAt(i));
  };
  mix(tableVersion);
  for (const { nodeId, incarnation, status, raftId = 0 } of nodes) {
    mixText(nodeId);
    mixText(status);
    mix(incarnation);
    mix(raftId);
  }
  for (const { epoch, owners, primary, outgoing, movingTo, movingFrom, moveId } of partitions) {
    mix(epoch);
    for (const owner of owners) mix(owner);
    mix(primary);
    for (const owner of outgoing) mix(owner);
    mix(movingTo);
    mix(movingFrom);
    mix(moveId);
  }
  for (const { id, name } of stores) {
    mix(id);
    mixText(name);
  }
  mix(settings.length);
  return hash;
}
