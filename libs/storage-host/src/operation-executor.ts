import {
  arityMatches,
  type CommandTable,
  type Outcome,
  type Request,
  type StorageContext,
  type StoreReport,
} from '#libs/commands';
import { DecodeError, type ErrorCode, errorText, hexText } from '#libs/kernel';
import type { Logger, Span, Telemetry } from '#libs/ports';
import { SPANS } from '#libs/ports';
import { RequestScanner, type ReplyWriter } from '#libs/resp';
import { beginReply, endReply, OPERATION_FLAGS, type OperationsReader, REPLY_STATUS } from '#libs/wire';
import type { StorageKeyspace } from './keyspace.js';
import type { NodeStores } from './node-stores.js';
import type { StorageOptions } from './options.js';
import type { Durability } from './persistence/durability.js';
import type { StorageStatistics } from './statistics.js';
import { storeReports } from './store-report.js';
import type { StoreShards } from './store-shards.js';

const MINUS = 0x2d;
const SCRATCH_BYTES = 64 * 1024;

/** Runs one operation against a store and writes its reply record. The context object is reused for all of them. */
export class OperationExecutor implements StorageContext {
  database = 0;
  nowMs = 0;
  readonly limits: { readonly maxValueBytes: number };
  readonly scanner: RequestScanner;
  readonly storeReports = (): readonly StoreReport[] => storeReports(this.nodeStores.byId.values());
  readonly resetStatistics = (): void => this.nodeStores.resetStatistics();
  private readonly scratchBuffer = new Uint8Array(SCRATCH_BYTES);

  constructor(
    private readonly table: CommandTable,
    readonly keyspace: StorageKeyspace,
    readonly reply: ReplyWriter,
    private readonly options: StorageOptions,
    private readonly nodeStores: NodeStores,
    private readonly statistics: StorageStatistics,
    private readonly telemetry: Telemetry,
    private readonly logger: Logger,
    private readonly durability: Durability,
  ) {
    this.limits = { maxValueBytes: options.maxValueBytes };
    this.scanner = new RequestScanner({
      maxBulkBytes: Math.max(options.maxValueBytes, options.maxKeyBytes),
      maxArguments: options.maxArguments,
      maxInlineBytes: options.maxKeyBytes,
    });
  }

  get nodeId(): string {
    return this.options.nodeId;
  }

  get request(): Request {
    return this.scanner;
  }

  /** A large buffer is given to the caller alone, so that one large value does not keep it for ever. */
  scratch(bytes: number): Uint8Array {
    return bytes <= SCRATCH_BYTES ? this.scratchBuffer : new Uint8Array(bytes);
  }

  /**
   * Executes the reader's current record; its partitions have been found to be served here. Writes the reply record only
   * where the outcome is `done`: an operation that waits is executed again later.
   */
  run(reader: OperationsReader, store: StoreShards | undefined, nowMs: number): Outcome {
    const span = reader.traceOffset >= 0 ? this.startSpan(reader) : undefined;
    const at = beginReply(this.reply);
    const bodyAt = this.reply.length;
    this.reply.version = reader.flags & OPERATION_FLAGS.resp3 ? 3 : 2;
    this.database = reader.database;
    this.nowMs = nowMs;
    let outcome: Outcome = 'done';
    try {
      outcome = this.execute(reader, store);
    } catch (error) {
      this.reply.length = bodyAt;
      this.fail(reader, error);
    }
    if (outcome !== 'done') {
      this.reply.length = at;
      span?.end();
      return outcome;
    }
    endReply(this.reply, at, reader.operationId, REPLY_STATUS.executed);
    const failed = this.reply.buffer[bodyAt] === MINUS;
    if (failed && reader.commandId < this.statistics.errors.length) this.statistics.errors[reader.commandId]++;
    if (span !== undefined) this.endSpan(span, reader, failed);
    return outcome;
  }

  private execute(reader: OperationsReader, store: StoreShards | undefined): Outcome {
    const command = this.table.byId(reader.commandId);
    if (command === undefined || command.route === 'gateway') {
      this.reply.error(`ERR command id ${reader.commandId} is unknown to this storage node: is its version older?`);
      return 'done';
    }
    if (store === undefined) {
      this.reply.error(`${errorText('UNKNOWN_STORE')} id ${reader.storeId}`);
      return 'done';
    }
    const { commandOffset, commandLength, buffer } = reader;
    const consumed = this.scanner.scan(buffer, commandOffset, commandOffset + commandLength);
    if (consumed !== commandLength || !arityMatches(command, this.scanner.count)) {
      throw new DecodeError('operation does not hold exactly one command');
    }
    const { refusal } = this.durability;
    if (refusal !== undefined && command.flags.includes('write')) {
      this.reply.error(errorText(refusal));
      return 'done';
    }
    this.statistics.operations[reader.commandId]++;
    if (store.frameOperations++ === 0) this.nodeStores.inFrame.push(store);
    this.keyspace.aim(store, this.scanner, reader.database, reader.partition, this.nowMs);
    for (let i = 0; i < reader.routeCount; i++) this.keyspace.addPartition(reader.routePartition(i));
    return command.execute(this);
  }

  /** Answers an error instead of executing. */
  refuse(reader: OperationsReader, code: ErrorCode): void {
    const at = beginReply(this.reply);
    this.reply.error(errorText(code));
    endReply(this.reply, at, reader.operationId, REPLY_STATUS.executed);
  }

  private fail(reader: OperationsReader, error: unknown): void {
    if (error instanceof DecodeError) {
      this.statistics.malformedFrames++;
      this.reply.error(`ERR malformed operation: ${error.message}`);
      return;
    }
    this.statistics.internalErrors++;
    this.reply.error(errorText('INTERNAL'));
    const name = this.table.byId(reader.commandId)?.name ?? String(reader.commandId);
    this.logger.log('ERROR', 'STORAGE_ENGINE', 'command failed', { operation: name, error, success: false });
  }

  private startSpan(reader: OperationsReader): Span {
    const { buffer, traceOffset } = reader;
    const parent = {
      traceId: buffer.slice(traceOffset, traceOffset + 16),
      spanId: buffer.slice(traceOffset + 16, traceOffset + 24),
    };
    const operation = this.table.byId(reader.commandId)?.name ?? 'unknown';
    return this.telemetry.startSpan(SPANS.storageExecute, 'consumer', parent, {
      'db.system': 'hypercache',
      'db.operation': operation,
      'hypercache.partition': reader.partition,
      'hypercache.node': this.options.nodeId,
    });
  }

  private endSpan(span: Span, reader: OperationsReader, failed: boolean): void {
    span.end(failed ? 'error reply' : undefined);
    this.logger.log('INFO', 'STORAGE_ENGINE', 'sampled operation executed', {
      correlationId: hexText(reader.buffer.subarray(reader.traceOffset + 16, reader.traceOffset + 24)),
      operation: this.table.byId(reader.commandId)?.name ?? 'unknown',
      traceId: hexText(span.context.traceId),
      spanId: hexText(span.context.spanId),
      success: !failed,
    });
  }
}
