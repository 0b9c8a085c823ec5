/**
 * The start of a storage node that keeps its entries: the stores as its last table had them, then what checkpoint and log hold
 * of them. It takes as long as there is to read; the progress is told.
 */
import { EventLog, type EventLogOptions, type RecoveryReport } from '#libs/event-log';
import type { ClusterTable } from '#libs/cluster';
import type { Clock, Disk, Logger } from '#libs/ports';
import type { NodeStores } from '../node-stores.js';
import type { PartitionOwnership } from '../partition-ownership.js';
import type { NodeLog } from './node-log.js';
import { Restorer } from './restorer.js';
import type { SavedTable } from './saved-table.js';

/** The progress is logged so often. */
const REPORT_EVERY_MS = 2_000;

export interface LogOpeningParts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodeId: string;
  readonly savedTable: SavedTable;
  readonly nodeLog: NodeLog;
  readonly logOptions: EventLogOptions;
  readonly stores: NodeStores;
  shardTimeMs(): number;
  /** Makes room for as many partitions, and the stores, as this table has. */
  prepare(table: ClusterTable): PartitionOwnership;
}

export class LogOpening {
  private percent = 0;
  private beganAtMs = 0;
  private reportAtMs = 0;

  constructor(private readonly parts: LogOpeningParts) {}

  /** What it is doing, for those who ask whether the node is ready. */
  get progress(): string {
    return `the storage node reads its log: ${this.percent} %`;
  }

  run(done: (error: Error | undefined) => void): void {
    this.beganAtMs = this.parts.clock.monotonicMs();
    this.reportAtMs = this.beganAtMs + REPORT_EVERY_MS;
    this.parts.savedTable.load((error, table) => {
      if (error !== undefined) done(error);
      else this.open(table, done);
    });
  }

  private open(table: ClusterTable | undefined, done: (error: Error | undefined) => void): void {
    const { disk, logOptions, nodeLog } = this.parts;
    const restorer = this.restorerFor(table);
    const log = new EventLog(disk, logOptions, nodeLog);
    log.open(restorer, 'refuse', (error, report) => {
      if (error !== undefined) return done(error);
      nodeLog.use(log);
      this.tell(restorer, report);
      done(undefined);
    });
  }

  /** Without a table there can be no log: the stores that its records belong to are not known. */
  private restorerFor(table: ClusterTable | undefined): Restorer {
    const { stores, nodeLog, shardTimeMs, prepare } = this.parts;
    return new Restorer({
      stores,
      ownership: table === undefined ? undefined : prepare(table),
      clock: nodeLog.clock,
      nowMs: shardTimeMs(),
      onProgress: (doneBytes, totalBytes) => this.report(doneBytes, totalBytes),
    });
  }

  private report(doneBytes: number, totalBytes: number): void {
    const nowMs = this.parts.clock.monotonicMs();
    this.percent = Math.floor((100 * doneBytes) / Math.max(1, totalBytes));
    if (nowMs < this.reportAtMs) return;
    this.reportAtMs = nowMs + REPORT_EVERY_MS;
    const { logger, nodeId } = this.parts;
    logger.log('INFO', 'PERSISTENCE', this.progress, { nodeId, details: { doneBytes, totalBytes } });
  }

  private tell(
    { records, orphans, refused }: Restorer,
    { isNew, checkpointBytes, logBytes, cut }: RecoveryReport,
  ): void {
    if (isNew) return;
    const { logger, nodeId, clock } = this.parts;
    const durationMs = clock.monotonicMs() - this.beganAtMs;
    const details = { records, checkpointBytes, logBytes };
    logger.log('INFO', 'PERSISTENCE', 'the log was read', { nodeId, durationMs, details });
    if (cut !== undefined) {
      const end = `${cut.path} from byte ${cut.offset} on`;
      logger.log('INFO', 'PERSISTENCE', `the end of the log was cut: ${end} was being written`, { nodeId });
    }
    if (orphans + refused === 0) return;
    logger.log('WARN', 'PERSISTENCE', 'some of the log was of no use', { nodeId, details: { orphans, refused } });
  }
}
