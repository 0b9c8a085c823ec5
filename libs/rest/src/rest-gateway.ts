import type { ChangeOutcome, ClusterChange, EventsRequest, RoutingTable, TableStore } from '#libs/cluster';
import type { ClusterView, EventsOutcome, NearFilterFigures } from '#libs/commands';
import type { SettingChange, SettingFault, SettingView, TraceContext } from '#libs/ports';

/** What REST needs of a gateway, and all that it knows of it. */
export interface RestGateway {
  readonly view: ClusterView;
  /** Undefined until the gateway has heard of a cluster. */
  readonly routing: RoutingTable | undefined;
  /** Empty until the gateway has heard of a cluster. */
  stores(): readonly TableStore[];
  /** Of this gateway's copies of the filter of a store. */
  nearFilter(storeId: number): NearFilterFigures;
  /** Changes stores, all or none; calls back once, when this gateway knows them so or at its own deadline. */
  change(changes: readonly ClusterChange[], onOutcome: (outcome: ChangeOutcome) => void): void;
  /** Asks a coordinator for the events that it remembers; calls back once. */
  events(request: EventsRequest, onOutcome: (outcome: EventsOutcome) => void): void;
  readonly settings: RestSettings;
  /**
   * Runs one RESP command. `onReply` is called exactly once, at the latest at the gateway's own deadline, with one
   * finished RESP3 reply; its bytes are valid during that call only.
   */
  execute(command: Uint8Array, options: ExecuteOptions, onReply: (reply: Uint8Array) => void): void;
}

export interface ExecuteOptions {
  readonly store: string;
  readonly database: number;
  /** Only of requests that are traced. */
  readonly trace?: TraceContext;
}

/** The gateway's settings, for reading and for checking changes; they are made by CONFIG SET. */
export interface RestSettings {
  views(): readonly SettingView[];
  /** What is wrong with changes that are to be made together; empty where nothing is. */
  faultsOf(changes: readonly SettingChange[]): readonly SettingFault[];
}
