/**
 * Known bugs, put into a cluster from outside: by changing frames on their way in and out of a host, or by a disk that lies.
 * Each must be found within a number of seeds, or the checkers are not worth their time.
 */
import { decodeClusterTable, decodeMoveFinished, encodeMoveFinished } from '#libs/cluster';
import type {
  Bus,
  BusMessage,
  BusStatus,
  BusSubscription,
  BusTraffic,
  Disk,
  PublishOptions,
  SubscribeOptions,
} from '#libs/ports';
import {
  FRAME_HEADER_BYTES,
  FRAME_TYPES,
  OperationsReader,
  readFrameType,
  RepliesReader,
  REPLY_HEADER_BYTES,
  subjectsOf,
} from '#libs/wire';
import { CLUSTER_NAME } from './cluster-settings.js';
import type { Sabotage } from './sim-machine.js';

export interface Mutant {
  readonly name: string;
  /** A fresh one for each run: some keep state. */
  readonly make: () => Sabotage;
}

const subjects = subjectsOf(CLUSTER_NAME);
const SEQUENCE_AT = FRAME_HEADER_BYTES + 4;
/** Within a reply's record. */
const OPERATION_ID_AT = 4;
const RESEND_AFTER_MS = 120;

/** A bus that changes messages on their way: the base of the mutants. */
class TamperedBus implements Bus {
  constructor(protected readonly bus: Bus) {}

  get status(): BusStatus {
    return this.bus.status;
  }

  get maxPayloadBytes(): number {
    return this.bus.maxPayloadBytes;
  }

  get traffic(): BusTraffic {
    return this.bus.traffic;
  }

  publish(subject: string, payload: Uint8Array, options?: PublishOptions): boolean {
    return this.bus.publish(subject, payload, options);
  }

  subscribe(subject: string, handler: (message: BusMessage) => void, options?: SubscribeOptions): BusSubscription {
    return this.bus.subscribe(subject, (message) => handler(this.incoming(message)), options);
  }

  request(...args: Parameters<Bus['request']>): void {
    this.bus.request(...args);
  }

  onStatus(listener: (status: BusStatus) => void): () => void {
    return this.bus.onStatus(listener);
  }

  protected incoming(message: BusMessage): BusMessage {
    return message;
  }
}

/** Storage nodes take whatever frame comes for a new one. */
class WithoutDuplicateCheck extends TamperedBus {
  private sequence = 0;

  protected override incoming(message: BusMessage): BusMessage {
    return isFrame(message.payload, FRAME_TYPES.OPERATIONS)
      ? { ...message, payload: this.renumbered(message.payload) }
      : message;
  }

  private renumbered(frame: Uint8Array): Uint8Array {
    return withU32(frame, SEQUENCE_AT, ++this.sequence);
  }
}

/** Gateways send a frame again, under a new number, when it is not answered soon. */
class WithRetriesOfTimedOutWrites extends TamperedBus {
  private sequence = 0;
  private readonly unanswered = new Map<number, () => void>();

  constructor(
    bus: Bus,
    private readonly after: (delayMs: number, callback: () => void) => void,
  ) {
    super(bus);
  }

  override publish(subject: string, payload: Uint8Array, options?: PublishOptions): boolean {
    if (!isFrame(payload, FRAME_TYPES.OPERATIONS)) return super.publish(subject, payload, options);
    const id = firstOperation(payload);
    this.unanswered.set(id, () => super.publish(subject, withU32(payload, SEQUENCE_AT, ++this.sequence), options));
    this.after(RESEND_AFTER_MS, () => this.unanswered.get(id)?.());
    return super.publish(subject, withU32(payload, SEQUENCE_AT, ++this.sequence), options);
  }

  protected override incoming(message: BusMessage): BusMessage {
    if (isFrame(message.payload, FRAME_TYPES.REPLIES)) {
      const reader = new RepliesReader();
      reader.open(message.payload);
      while (reader.advance()) this.unanswered.delete(reader.operationId);
    }
    return message;
  }
}

/** Storage nodes mix up the first two replies of a frame. */
class WithSwappedReplies extends TamperedBus {
  override publish(subject: string, payload: Uint8Array, options?: PublishOptions): boolean {
    return super.publish(subject, isFrame(payload, FRAME_TYPES.REPLIES) ? swapped(payload) : payload, options);
  }
}

/** Storage nodes report moves that failed as done, in the name of the process that the table has as the target. */
class WithFailedMovesReportedAsDone extends TamperedBus {
  private incarnations = new Map<string, number>();

  override request(...[subject, payload, ...rest]: Parameters<Bus['request']>): void {
    super.request(subject, subject === subjects.moveFinished ? this.asDone(payload) : payload, ...rest);
  }

  protected override incoming(message: BusMessage): BusMessage {
    if (message.subject === subjects.table) {
      const { nodes } = decodeClusterTable(message.payload);
      this.incarnations = new Map(nodes.map(({ nodeId, incarnation }) => [nodeId, incarnation]));
    }
    return message;
  }

  private asDone(payload: Uint8Array): Uint8Array {
    const report = decodeMoveFinished(payload);
    const targetIncarnation = this.incarnations.get(report.target) ?? 0;
    return encodeMoveFinished({ ...report, targetIncarnation, ok: true });
  }
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'storage node without a check for duplicates',
    make: () => ({
      bus: (bus, role, plane) => (role === 'storage-node' && plane === 'data' ? new WithoutDuplicateCheck(bus) : bus),
    }),
  },
  {
    name: 'gateway that repeats what was not answered',
    make: () => ({
      bus: (bus, role, plane, after) =>
        role === 'gateway' && plane === 'data' ? new WithRetriesOfTimedOutWrites(bus, after) : bus,
    }),
  },
  {
    name: 'storage node that swaps replies',
    make: () => ({
      bus: (bus, role, plane) => (role === 'storage-node' && plane === 'data' ? new WithSwappedReplies(bus) : bus),
    }),
  },
  {
    name: 'storage node that reports failed moves as done',
    make: () => ({
      bus: (bus, role, plane) =>
        role === 'storage-node' && plane === 'control' ? new WithFailedMovesReportedAsDone(bus) : bus,
    }),
  },
  { name: 'coordinator whose disk says written and writes nothing', make: () => ({ disk: lyingDisk }) },
];

/** Says that everything was written, and writes nothing to the files that are open. */
function lyingDisk(disk: Disk): Disk {
  return {
    readFile: (...args) => disk.readFile(...args),
    list: (...args) => disk.list(...args),
    remove: (...args) => disk.remove(...args),
    rename: (...args) => disk.rename(...args),
    writeFileAtomic: (...args) => disk.writeFileAtomic(...args),
    open: (path, options, done) =>
      disk.open(path, options, (error, file) => {
        if (error !== undefined) return done(error, file);
        let written = 0;
        done(undefined, {
          path: file.path,
          append: (bytes, appended) => (++written <= 3 ? file.append(bytes, appended) : file.sync(appended)),
          read: (...args) => file.read(...args),
          sync: (synced) => file.sync(synced),
          truncate: (...args) => file.truncate(...args),
          size: (...args) => file.size(...args),
          close: (...args) => file.close(...args),
        });
      }),
  };
}

function isFrame(payload: Uint8Array, type: number): boolean {
  return payload.length >= FRAME_HEADER_BYTES && readFrameType(payload) === type;
}

function withU32(frame: Uint8Array, at: number, value: number): Uint8Array {
  const copy = frame.slice();
  new DataView(copy.buffer).setUint32(at, value, true);
  return copy;
}

function firstOperation(frame: Uint8Array): number {
  const reader = new OperationsReader();
  reader.open(frame);
  reader.advance();
  return reader.operationId;
}

function swapped(frame: Uint8Array): Uint8Array {
  const reader = new RepliesReader();
  reader.open(frame);
  if (reader.remaining < 2) return frame;
  reader.advance();
  const first = { at: reader.replyOffset - REPLY_HEADER_BYTES, id: reader.operationId };
  reader.advance();
  const second = { at: reader.replyOffset - REPLY_HEADER_BYTES, id: reader.operationId };
  return withU32(withU32(frame, first.at + OPERATION_ID_AT, second.id), second.at + OPERATION_ID_AT, first.id);
}
