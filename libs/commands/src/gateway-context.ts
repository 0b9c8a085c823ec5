import type {
  ChangeOutcome,
  ClusterChange,
  EventsReply,
  EventsRequest,
  ReplicationReport,
  TableStore,
} from '#libs/cluster';
import type { ReplyWriter, RespValue, RespVersion } from '#libs/resp';
import type { RingReport } from '#libs/ring';
import type { CommandRow } from './command-row.js';
import type { Request } from './request.js';

/** One client connection as commands see and change it. */
export interface ClientSession {
  readonly id: number;
  readonly remoteAddress: string;
  readonly localAddress: string;
  /** Wall-clock time of the connection, in milliseconds. */
  readonly connectedAtMs: number;
  readonly lastCommandAtMs: number;
  readonly lastCommandName: string;
  readonly totalCommands: number;
  readonly queuedReplyBytes: number;
  /** Unread request bytes held for this client. */
  readonly queuedRequestBytes: number;
  name: string;
  libraryName: string;
  libraryVersion: string;
  protocol: RespVersion;
  database: number;
  /** Name of the selected store. */
  readonly store: string;
  user: string;
  authenticated: boolean;
  noEvict: boolean;
  noTouch: boolean;
  /** Reply mode of CLIENT REPLY: later replies are dropped while not `on`. */
  replyMode: 'on' | 'off' | 'skip';
}

/** A row of CLUSTER NODES and friends. */
export interface ClusterNodeView {
  readonly id: string;
  /** 40 hex digits made of the id: what Redis clients expect as a node id. */
  readonly redisId: string;
  readonly role: 'gateway' | 'storage-node' | 'coordinator';
  readonly host: string;
  readonly respPort: number;
  readonly state: 'up' | 'suspect' | 'down';
  readonly isSelf: boolean;
  readonly partitionCount: number;
}

/** A member that is configured and has never joined. */
export type AbsentMember = Pick<ClusterNodeView, 'id' | 'redisId'>;

/** What a node says of itself in its heartbeats. */
export interface NodeReport {
  /** Memory that its stores may use together; 0 of nodes that hold no data. */
  readonly capacityBytes: number;
  /** Names of what its release can do beyond the cluster's feature level. */
  readonly capabilities: readonly string[];
}

/** The coordinator that leads. */
export interface LeaderView {
  readonly nodeId: string;
  readonly host: string;
  readonly raftId: number;
  readonly term: number;
}

/** A run of consecutive slots and the gateway that Redis Cluster clients are sent to for it. */
export interface SlotRange {
  readonly first: number;
  readonly last: number;
  readonly gateway: ClusterNodeView;
  readonly otherGateways: readonly ClusterNodeView[];
}

/** A partition that another storage node is becoming an owner of. */
export interface MoveView {
  readonly partition: number;
  /** Node ids: who copies, who gets the copy, and the owner whose place it takes, empty where it gets one of its own. */
  readonly source: string;
  readonly target: string;
  readonly replaces: string;
  readonly bytesCopied: number;
  /** Wall-clock milliseconds: when this gateway first heard of it. */
  readonly sinceMs: number;
  readonly state: 'starting' | 'copying';
}

/** The events that a coordinator remembers, or why there are none. */
export type EventsOutcome = ({ readonly ok: true } & EventsReply) | { readonly ok: false; readonly reason: string };

export interface ClusterView {
  readonly mode: 'standalone' | 'cluster';
  readonly clusterId: string;
  readonly state: 'ok' | 'fail';
  readonly tableVersion: number;
  /** The highest epoch of any partition. */
  readonly currentEpoch: number;
  readonly partitionCount: number;
  /** Copies of entries of stores that are created without saying how many. */
  readonly defaultReplicas: number;
  /** Slots whose partition's primary is reachable, of all there are. */
  readonly servedSlots: number;
  readonly self: ClusterNodeView;
  readonly nodes: readonly ClusterNodeView[];
  /** Node ids that are configured as members, and are not in the cluster. */
  readonly absent: readonly AbsentMember[];
  /** Undefined of nodes that have not been heard here. */
  reportOf(nodeId: string): NodeReport | undefined;
  slotRanges(): readonly SlotRange[];
  /** Undefined where none has been heard lately. */
  leader(): LeaderView | undefined;
  /** Ordered by partition. */
  moves(): readonly MoveView[];
  /** How many copies there are of partitions; undefined where no table is known yet. */
  replication(): ReplicationReport | undefined;
  /** How the partitions lie on the storage nodes; undefined where no table is known yet. */
  ring(): RingReport | undefined;
}

/** What is to be done for a CONFIG SET, or why it cannot be done. */
export type SettingsPlan =
  | { readonly ok: true; readonly changes: readonly ClusterChange[] }
  | {
      readonly ok: false;
      /** The setting at fault, as the client named it; undefined where it is not one alone. */
      readonly name: string | undefined;
      readonly reason: string;
    };

/** Settings as CONFIG GET and CONFIG SET see them: by path and by Redis's names, with values as texts. */
export interface RuntimeSettings {
  /** Values by name, in the order of the names. */
  all(): ReadonlyMap<string, string>;
  /** Checks new values by name, all together; changes nothing. */
  plan(settings: ReadonlyMap<string, string>): SettingsPlan;
  /** CONFIG REWRITE; answers why it failed. */
  rewrite(): string | undefined;
  /** CONFIG RESETSTAT. */
  resetStatistics(): void;
}

/** Sections of INFO: names to `field:value` rows, made when asked for. */
export interface ServerInfo {
  readonly sections: readonly string[];
  /** Sections that a plain INFO prints. */
  readonly defaultSections: readonly string[];
  render(section: string): readonly (readonly [field: string, value: string])[];
}

/** The command table as commands see it: what is known about commands, not what runs them. */
export interface CommandDirectory {
  /** As `CommandTable.lookup`. */
  lookup(request: Request): CommandRow | undefined;
  byName(name: string): CommandRow | undefined;
  all(): readonly CommandRow[];
  topLevel(): readonly CommandRow[];
  subcommands(command: CommandRow): readonly CommandRow[];
}

/** The copies of a store's filter at the gateway that answers, and what they have done. */
export interface NearFilterFigures {
  /** Reads of absent keys that the gateway answered itself. */
  readonly hits: number;
  /** Shards of which it has a copy, fresh or not. */
  readonly copies: number;
  /** What copies take, and what was noted since they were made. */
  readonly bytes: number;
  /** Times that a copy was made, or found to be as it was. */
  readonly refreshes: number;
}

/** What a gateway command sees. Nothing of it may be kept. */
export interface GatewayContext {
  readonly request: Request;
  /** Takes the replies; most commands write exactly one. */
  readonly reply: ReplyWriter;
  readonly session: ClientSession;
  readonly nowMs: number;
  /** Microseconds within the current millisecond, for TIME; 0 where the clock does not give them. */
  readonly nowMicros: number;
  readonly cluster: ClusterView;
  readonly settings: RuntimeSettings;
  readonly info: ServerInfo;
  readonly table: CommandDirectory;
  readonly serverVersion: string;
  /** Every client of this gateway. */
  clients(): Iterable<ClientSession>;
  /** Closes another client at once, or this one after its reply. */
  closeClient(id: number): void;
  /** The stores, as the last table has them that this gateway has heard of. */
  stores(): readonly TableStore[];
  /** Zeros where this gateway keeps no copies of the store's filter. */
  nearFilter(storeId: number): NearFilterFigures;
  /**
   * Asks the coordinator for changes, all or none, and answers later: `answer` is called once, at the latest at the
   * request deadline, and writes the reply. The command itself writes none. On `ok` this gateway's table holds them.
   */
  changeCluster(changes: readonly ClusterChange[], answer: (reply: ReplyWriter, outcome: ChangeOutcome) => void): void;
  /** Asks a coordinator for the events that it remembers, and answers later as {@link changeCluster} does. */
  clusterEvents(request: EventsRequest, answer: (reply: ReplyWriter, outcome: EventsOutcome) => void): void;
  /**
   * Runs another command for this one, in the store `default`, and answers later as {@link changeCluster} does. The
   * value is as RESP3 has it, errors included.
   */
  runCommand(words: readonly string[], answer: (reply: ReplyWriter, value: RespValue) => void): void;
  /** False where there is no such store. */
  selectStore(name: string): boolean;
  /** Checks a user's password (`default` is the user of plain AUTH). */
  verifyPassword(user: string, password: string): boolean;
  /** False where no password is configured: every connection is then the authenticated `default` user. */
  readonly passwordRequired: boolean;
  /** Back to the state of a new connection (RESET). */
  resetSession(): void;
}
