/** What must hold at every moment of a run, whatever the clients see. */
import { type ClusterTable, decodeClusterTable, encodeClusterTable } from '#libs/cluster';
import { crc32 } from '#libs/kernel';
import { subjectsOf } from '#libs/wire';
import { CLUSTER_NAME } from './cluster-settings.js';
import type { SimMachine } from './sim-machine.js';

export class Invariants {
  /** The newest table that a coordinator has made durable. */
  durableTable: ClusterTable | undefined;
  private readonly tableSubject = subjectsOf(CLUSTER_NAME).table;
  /** Checksums of the tables seen, by version. */
  private readonly tables = new Map<number, number>();
  private newestPublished = 0;
  /** By term. */
  private readonly leaders = new Map<number, string>();
  /** By process: the newest table that it has followed. */
  private readonly followed = new Map<object, number>();

  constructor(
    private readonly onFinding: (text: string) => void,
    private readonly coordinators = 1,
  ) {}

  /** The coordinators have agreed on a table; each of them says so, sooner or later. */
  onDurableTable(table: ClusterTable): void {
    if (table.tableVersion >= (this.durableTable?.tableVersion ?? 0)) this.durableTable = table;
    this.compare(table.tableVersion, encodeClusterTable(table));
  }

  onPublished(subject: string, payload: Uint8Array): void {
    if (subject !== this.tableSubject) return;
    const { tableVersion } = decodeClusterTable(payload);
    // A leader that does not know yet that it has been replaced repeats the last table that it had.
    if (this.coordinators === 1 && tableVersion < this.newestPublished) {
      this.onFinding(`table version ${tableVersion} was published after version ${this.newestPublished}`);
    }
    this.newestPublished = Math.max(this.newestPublished, tableVersion);
    this.compare(tableVersion, payload);
  }

  /** Looks at the processes as they are now. */
  check(machines: Iterable<SimMachine>): void {
    const serving = new Map<string, string>();
    for (const machine of machines) {
      this.checkVersion(machine);
      this.checkLeader(machine);
      this.checkMemory(machine);
      for (const claim of claimsOf(machine)) {
        const other = serving.get(claim);
        if (other !== undefined) this.onFinding(`${other} and ${machine.name} both serve ${claim}`);
        serving.set(claim, machine.name);
      }
    }
  }

  /** Each term has one leader, and whoever begins to lead knows all that was agreed on, after restarts too. */
  private checkLeader({ name, coordinator }: SimMachine): void {
    if (coordinator?.isLeading !== true) return;
    const term = coordinator.raft?.status.term ?? 0;
    const leader = this.leaders.get(term);
    if (leader === name) return;
    if (leader !== undefined) this.onFinding(`${leader} and ${name} both lead term ${term}`);
    this.leaders.set(term, name);
    const agreed = this.durableTable?.tableVersion ?? 0;
    const { tableVersion = 0 } = coordinator.clusterTable() ?? {};
    if (tableVersion < agreed) this.onFinding(`${name} leads with table ${tableVersion}; ${agreed} was agreed on`);
  }

  private checkVersion({ name, storageNode, gateway }: SimMachine): void {
    const host = storageNode ?? gateway;
    if (host?.routing === undefined) return;
    const { tableVersion } = host.routing;
    const before = this.followed.get(host) ?? 0;
    if (tableVersion < before) this.onFinding(`${name} went back from table ${before} to ${tableVersion}`);
    this.followed.set(host, tableVersion);
  }

  /** The limits of a run never change, so nothing excuses more. */
  private checkMemory({ name, storageNode }: SimMachine): void {
    if (storageNode === undefined) return;
    const { nodeStores, stores } = storageNode;
    const { memory } = nodeStores;
    const excess = memory.usedBytes - memory.limitBytes;
    if (excess > 0) this.onFinding(`the stores of ${name} use ${excess} bytes more than the node may`);
    for (const { definition, engine } of stores.values()) {
      const over = engine.usedBytes - definition.memoryLimitBytes;
      if (definition.memoryLimitBytes > 0 && over > 0) {
        this.onFinding(`store ${definition.name} of ${name} uses ${over} bytes more than its limit`);
      }
    }
  }

  private compare(version: number, bytes: Uint8Array): void {
    const checksum = crc32(bytes);
    const known = this.tables.get(version);
    if (known !== undefined && known !== checksum) this.onFinding(`there are two tables of version ${version}`);
    this.tables.set(version, checksum);
  }
}

/** What a storage node believes to serve, as `partition p at epoch e`. */
function* claimsOf({ name, storageNode }: SimMachine): Generator<string> {
  const routing = storageNode?.routing;
  if (storageNode === undefined || routing === undefined) return;
  const self = routing.nodeIndexOf(name);
  if (self < 0 || routing.nodes[self].incarnation !== storageNode.incarnation) return;
  const { ownership } = storageNode;
  for (let partition = 0; partition < ownership.partitionCount; partition++) {
    if (ownership.isServing(partition)) yield `partition ${partition} at epoch ${ownership.epochs[partition]}`;
  }
}
