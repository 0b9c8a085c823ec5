/** Tells operators once that partitions cannot have as many owners as the stores ask for, and once that they can again. */
import { replicationShortage, type ClusterTable } from '#libs/cluster';
import type { LimitedLog } from './limited-log.js';

export class ReplicationWarning {
  private said: string | undefined;

  constructor(private readonly log: LimitedLog) {}

  look(table: ClusterTable): void {
    const { wanted, possible, shortage } = replicationShortage(table);
    const warning = shortage && `stores ask for ${wanted} copies, and there can be ${possible}: ${shortage}`;
    if (warning === this.said) return;
    this.said = warning;
    if (warning === undefined) this.log.log('INFO', 'REPLICATION', 'there can be as many copies as stores ask for');
    else this.log.log('WARN', 'REPLICATION', warning);
  }
}
