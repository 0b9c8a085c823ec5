import { DEFAULT_REPLICATION_FACTOR } from '#libs/cluster';
import { BOUNDS } from '#libs/kernel';

/** Settings of a gateway; the configuration fills them in, tests and the simulator give their own. */
export interface GatewayOptions {
  /** Cluster name: a subject token. */
  readonly cluster: string;
  readonly nodeId: string;
  /** Standalone: this process holds everything, so operations on several keys are atomic. */
  readonly mode: 'standalone' | 'cluster';
  readonly softwareVersion: string;
  /** The Redis version that clients are told, since some adapt to it. */
  readonly redisVersion: string;
  /** Where other members and clients reach this gateway. */
  readonly advertise: {
    readonly host: string;
    readonly respPort: number;
    readonly httpPort: number;
    readonly adminPort: number;
  };
  readonly zone: string;
  /** Node ids of the cluster's members where they are configured; empty where members come and go as they announce themselves. */
  readonly members: readonly string[];
  /** Copies of entries of stores that are created without saying how many. */
  readonly replicationFactor: number;
  readonly heartbeatMs: number;
  readonly tableRequestMs: number;
  /** An operation that has no answer by then gets an error. */
  readonly requestTimeoutMs: number;
  /** How long operations wait before they are sent again to a node that could not take them. */
  readonly retryMs: number;
  readonly maxInFlightOperations: number;
  readonly maxPipelinedCommands: number;
  readonly maxHeldBytes: number;
  readonly pauseClientOutputBytes: number;
  readonly maxClientOutputBytes: number;
  readonly linkCreditBytes: number;
  readonly maxValueBytes: number;
  readonly maxArguments: number;
  readonly maxInlineBytes: number;
  readonly maxClients: number;
  /** Users and their passwords; empty where no authentication is asked for. */
  readonly users: ReadonlyMap<string, string>;
}

/** Options that may change while the gateway runs. */
export type GatewayTuning = Pick<
  GatewayOptions,
  | 'requestTimeoutMs'
  | 'maxPipelinedCommands'
  | 'maxHeldBytes'
  | 'pauseClientOutputBytes'
  | 'maxClientOutputBytes'
  | 'linkCreditBytes'
  | 'maxClients'
>;

export const GATEWAY_DEFAULTS = {
  redisVersion: '7.4.0',
  members: [],
  replicationFactor: DEFAULT_REPLICATION_FACTOR,
  heartbeatMs: 500,
  tableRequestMs: 500,
  requestTimeoutMs: 2_000,
  retryMs: 5,
  maxInFlightOperations: BOUNDS.maxInFlightOperations,
  maxPipelinedCommands: BOUNDS.maxPipelinedCommands,
  maxHeldBytes: BOUNDS.maxHeldBytes,
  pauseClientOutputBytes: BOUNDS.pauseClientOutputBytes,
  maxClientOutputBytes: BOUNDS.maxClientOutputBytes,
  linkCreditBytes: BOUNDS.linkCreditBytes,
  maxValueBytes: BOUNDS.maxValueBytes,
  maxArguments: BOUNDS.maxArguments,
  maxInlineBytes: BOUNDS.maxInlineBytes,
  maxClients: BOUNDS.maxClients,
} as const satisfies Partial<GatewayOptions>;
