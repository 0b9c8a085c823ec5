/** What a storage node keeps on its disk: the table of its stores, and the log of what happened to their entries. */
import type { ClusterTable, RoutingTable } from '#libs/cluster';
import { drawIncarnation } from '#libs/cluster-member';
import type { Clock, Disk, Logger, Rng, Timers } from '#libs/ports';
import type { NodeStores } from '../node-stores.js';
import type { PersistenceOptions } from '../options.js';
import type { PartitionOwnership } from '../partition-ownership.js';
import { LogOpening } from './log-opening.js';
import { NodeLog } from './node-log.js';
import { SavedTable } from './saved-table.js';

/** Below the node's data folder. */
const LOG_FOLDER = 'events';

export interface NodePersistenceParts {
  readonly ports: {
    readonly disk: Disk;
    readonly clock: Clock;
    readonly timers: Timers;
    readonly rng: Rng;
    readonly logger: Logger;
  };
  readonly nodeId: string;
  readonly settings: PersistenceOptions;
  readonly stores: NodeStores;
  shardTimeMs(): number;
  /** Makes room for as many partitions, and the stores, as this table has. */
  prepare(table: ClusterTable): PartitionOwnership;
}

export class NodePersistence {
  readonly log: NodeLog;
  /** How long it took to bring back what was kept; undefined before that. */
  recoveryMs: number | undefined;
  private readonly savedTable: SavedTable;
  private opening: LogOpening | undefined;
  private isSaving = false;
  /** The newest table that waits for an earlier one to be saved. */
  private waiting: RoutingTable | undefined;

  constructor(private readonly parts: NodePersistenceParts) {
    const { ports, nodeId, stores, shardTimeMs } = parts;
    this.savedTable = new SavedTable(ports.disk);
    this.log = new NodeLog({ stores, timers: ports.timers, logger: ports.logger, nodeId, shardTimeMs });
  }

  /** What is being read; undefined once it is. */
  get progress(): string | undefined {
    return this.opening?.progress;
  }

  open(done: (error: Error | undefined) => void): void {
    const { ports, nodeId, settings, stores, shardTimeMs, prepare } = this.parts;
    const { disk, clock, logger, rng } = ports;
    const { savedTable, log: nodeLog } = this;
    const logOptions = {
      folder: LOG_FOLDER,
      policy: settings.sync,
      newLogId: drawIncarnation(rng),
      segmentBytes: settings.segmentBytes,
      checkpointMinLogBytes: settings.checkpointBytes,
    };
    this.opening = new LogOpening({
      disk,
      clock,
      logger,
      nodeId,
      savedTable,
      nodeLog,
      logOptions,
      stores,
      shardTimeMs,
      prepare,
    });
    const beganAtMs = clock.monotonicMs();
    this.opening.run((error) => {
      if (error === undefined) {
        this.opening = undefined;
        this.recoveryMs = clock.monotonicMs() - beganAtMs;
      }
      done(error);
    });
  }

  /** Calls back with the table once its stores are saved, with the newest of several that come meanwhile. */
  save(routing: RoutingTable, done: (routing: RoutingTable) => void): void {
    this.waiting = routing;
    if (this.isSaving) return;
    if (!this.savedTable.isNews(routing.table)) {
      this.waiting = undefined;
      return done(routing);
    }
    this.isSaving = true;
    this.savedTable.save(routing.table, (error) => {
      this.isSaving = false;
      const { waiting } = this;
      // A disk that fails is the log's to tell and to wait for; the node goes on with the table until then.
      if (error !== undefined) this.warn(error);
      if (waiting === routing || waiting === undefined || error !== undefined) {
        this.waiting = undefined;
        done(waiting ?? routing);
      } else this.save(waiting, done);
    });
  }

  private warn(error: Error): void {
    const { ports, nodeId } = this.parts;
    ports.logger.log('WARN', 'PERSISTENCE', 'the table of stores could not be saved', { nodeId, error });
  }
}
