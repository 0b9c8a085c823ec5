/**
 * The faces that the hosts show to the apps and to each other. In a cluster each is implemented by the host whose
 * matter it is; standalone implements all of them in one process.
 */
import type { ChangeReply, ChangeRequest } from './cluster-change.js';
import type { ClusterEventName } from './cluster-event.js';
import type { ClusterTable, TableNode } from './cluster-table.js';
import type { AnyEventNotice, EventNotice } from './event-notice.js';
import type { Heartbeat } from './heartbeat.js';

/** Changes the cluster's metadata and says what it is. */
export interface CoordinatorService {
  /** The last durable table; undefined while no cluster has been formed. */
  clusterTable(): ClusterTable | undefined;
  /** Called with each table after it has become durable; answers a function that ends it. */
  onTable(listener: (table: ClusterTable) => void): () => void;
  /**
   * Carries out all changes or none, once for each request id. `onDone` is called once what it says is durable; never
   * where that cannot be said, so whoever gets no answer asks again with the same id.
   */
  change(request: ChangeRequest, onDone: (reply: ChangeReply) => void): void;
}

export interface Member {
  readonly node: TableNode;
  /** Undefined until it has been heard since this process started. */
  readonly heartbeat: Heartbeat | undefined;
  /** How long ago that was, in milliseconds; 0 where there is none. */
  readonly silentMs: number;
  /** How suspicious that silence is: phi of the accrual detector; 0 of a member that is not watched. */
  readonly phi: number;
}

export interface MembershipProvider {
  members(): readonly Member[];
  member(nodeId: string): Member | undefined;
}

/** Where keys are served. Keys are ranges of bytes. */
export interface RoutingProvider {
  /** The id of the node that serves the key; undefined while none does. */
  routeKey(buffer: Uint8Array, offset: number, length: number): string | undefined;
  /** Whether this process's own node serves the key. */
  isLocal(buffer: Uint8Array, offset: number, length: number): boolean;
}

/** How often each kind of thing happened on an event bus so far. */
export interface EventBusCounters {
  readonly published: ReadonlyMap<ClusterEventName, number>;
  readonly received: ReadonlyMap<ClusterEventName, number>;
  /** Events that the message bus did not take. */
  readonly dropped: number;
  /** Events of a name that this release does not know. */
  readonly unknown: number;
  /** Messages that are no events. */
  readonly malformed: number;
  /** Handlers that threw. */
  readonly failed: number;
}

/** Cluster events, typed: at most once, as the message bus delivers them. */
export interface EventBus {
  /** `encoded` are the notice's bytes, where the caller has them already. */
  publish(notice: AnyEventNotice, encoded?: Uint8Array): void;
  /** Answers a function that ends the subscription. */
  subscribe<Name extends ClusterEventName>(name: Name, handler: (notice: EventNotice<Name>) => void): () => void;
  subscribeAll(handler: (notice: AnyEventNotice) => void): () => void;
  readonly counters: EventBusCounters;
}
