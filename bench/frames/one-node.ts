/** A storage node that serves every partition, without network: frames are handed to it, and its replies counted. */
import { encodeClusterTable, settledPartition, storeFromPreset } from '#libs/cluster';
import { ALL_COMMANDS, CommandTable } from '#libs/commands';
import type { Logger, Telemetry, Timers } from '#libs/ports';
import { SystemClock, SystemRng, useNativeCopy } from '#libs/runtime-node';
import { STORAGE_DEFAULTS, StorageHost } from '#libs/storage-host';
import { RepliesReader, subjectsOf } from '#libs/wire';
import { DirectBus } from './direct-bus.js';

const CLUSTER = 'bench';
const NODE = 'storage-1';
const SUBJECTS = subjectsOf(CLUSTER);
const REPLY_TO = SUBJECTS.replies('gateway-1', `${NODE}.1`);
const MEMORY_BYTES = 4 * 2 ** 30;
const EPOCH = 1;

const SILENT: Logger = { isEnabled: () => false, log: () => undefined };
const NEVER: Timers = {
  after: () => ({ cancel: () => undefined }),
  every: () => ({ cancel: () => undefined }),
  endOfTurn: () => undefined,
};
const NO_TELEMETRY: Telemetry = {
  enabled: false,
  shouldSample: () => false,
  startSpan: () => {
    throw new Error('nothing is sampled');
  },
};

export class OneNode {
  readonly table = new CommandTable(ALL_COMMANDS);
  readonly epoch = EPOCH;
  private readonly data = new DirectBus();
  private readonly replies = new RepliesReader();
  private answered = 0;

  constructor(partitionCount: number, lookAheadOperations: number) {
    useNativeCopy();
    const control = new DirectBus();
    const clock = new SystemClock();
    const ports = { control, data: this.data, clock, timers: NEVER, rng: new SystemRng(), logger: SILENT };
    const identity = { cluster: CLUSTER, nodeId: NODE, softwareVersion: '0', zone: '', weight: 1 };
    const advertise = { host: '127.0.0.1', adminPort: 0 };
    const options = {
      ...STORAGE_DEFAULTS,
      ...identity,
      advertise,
      memoryLimitBytes: MEMORY_BYTES,
      lookAheadOperations,
    };
    const host = new StorageHost({ ...ports, telemetry: NO_TELEMETRY }, options, this.table);
    host.start();
    control.deliver(SUBJECTS.table, encodeClusterTable(tableOf(partitionCount, host.incarnation)), undefined);
    this.data.onPublish = (payload) => this.count(payload);
  }

  /** Executes an OPERATIONS frame; answers how many replies came back. */
  execute(frame: Uint8Array): number {
    this.answered = 0;
    this.data.deliver(SUBJECTS.operations(NODE), frame, REPLY_TO);
    return this.answered;
  }

  private count(frame: Uint8Array): void {
    this.replies.open(frame);
    this.answered += this.replies.remaining;
  }
}

function tableOf(partitionCount: number, incarnation: number) {
  const partition = settledPartition(EPOCH, [0]);
  return {
    featureLevel: 1,
    clusterId: 'bench-1',
    clusterName: CLUSTER,
    hashSeed: 7,
    tableVersion: 1,
    partitions: Array.from({ length: partitionCount }, () => partition),
    nodes: [
      {
        nodeId: NODE,
        role: 'storage-node' as const,
        incarnation,
        softwareVersion: '0',
        endpoints: { host: '127.0.0.1', respPort: 0, httpPort: 0, adminPort: 0 },
        zone: '',
        weight: 1,
        status: 'up' as const,
      },
    ],
    stores: [{ id: 0, ...storeFromPreset('general', { name: 'default', memoryLimitBytes: MEMORY_BYTES }) }],
    settings: [],
  };
}
