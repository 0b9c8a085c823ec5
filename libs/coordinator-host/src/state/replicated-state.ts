/**
 * What all coordinators have after the same log: the cluster's state, who the coordinators are, and the last events.
 * A snapshot of it: state (length u32, protobuf), coordinators (number u8, each as in a command), events.
 */
import {
  CLUSTER_LIMITS,
  decodeClusterState,
  EMPTY_CLUSTER_STATE,
  encodeClusterState,
  evolve,
  noticeOf,
  type AnyEventNotice,
  type ClusterEvent,
  type ClusterState,
  type EventBatch,
} from '#libs/cluster';
import { ByteReader, ByteWriter, DecodeError } from '#libs/kernel';
import { COORDINATOR_BOUNDS } from '../bounds.js';
import type { StateMachine } from '../raft/raft-member.js';
import { decodeCommand, readCoordinator, writeCoordinator } from './commands.js';
import { EventHistory } from './event-history.js';

/** Room for who the coordinators are, and for lengths. */
const COORDINATORS_BYTES = 2048;

export class ReplicatedState implements StateMachine {
  cluster: ClusterState = EMPTY_CLUSTER_STATE;
  /** Raft ids by node id. */
  coordinators: ReadonlyMap<string, number> = new Map();
  readonly history = new EventHistory({
    maxEvents: COORDINATOR_BOUNDS.maxEventsKept,
    maxBytes: COORDINATOR_BOUNDS.maxEventBytesKept,
  });
  /** Batches that do not follow on the state they were decided on. A correct leader makes none; they change nothing. */
  strayBatches = 0;

  /** Told of each event once it is applied; `encoded` are the notice's bytes. */
  onApplied: (event: ClusterEvent, notice: AnyEventNotice, encoded: Uint8Array) => void = () => undefined;

  apply(bytes: Uint8Array, version: number): void {
    const command = decodeCommand(bytes, version);
    if (command.type === 'events') this.applyBatch(command.batch);
    else this.enrol(command.nodeId, command.raftId);
  }

  snapshot(): Uint8Array {
    const state = encodeClusterState(this.cluster);
    const writer = new ByteWriter(state.length + this.history.encodedBytes + COORDINATORS_BYTES);
    writer.u32(state.length);
    writer.bytes(state);
    writer.u8(this.coordinators.size);
    for (const [nodeId, raftId] of this.coordinators) writeCoordinator(writer, nodeId, raftId);
    this.history.write(writer);
    return writer.written();
  }

  restore(bytes: Uint8Array): void {
    if (bytes.length === 0) {
      this.cluster = EMPTY_CLUSTER_STATE;
      this.coordinators = new Map();
      return this.history.clear();
    }
    const reader = new ByteReader(bytes);
    const length = reader.u32();
    const at = reader.skip(length);
    const cluster = decodeClusterState(bytes.subarray(at, at + length));
    const coordinators = new Map<string, number>();
    const count = reader.u8();
    if (count > CLUSTER_LIMITS.maxCoordinators) throw new DecodeError(`${count} coordinators: too many`);
    for (let i = 0; i < count; i++) {
      const { nodeId, raftId } = readCoordinator(reader);
      coordinators.set(nodeId, raftId);
    }
    this.history.read(reader);
    if (reader.remaining > 0) throw new DecodeError(`${reader.remaining} bytes after a snapshot`);
    this.cluster = cluster;
    this.coordinators = coordinators;
  }

  private applyBatch({ baseEventIndex, atMs, events }: EventBatch): void {
    if (baseEventIndex !== this.cluster.eventIndex) {
      this.strayBatches++;
      return;
    }
    for (const event of events) {
      this.cluster = evolve(this.cluster, event);
      const notice = noticeOf(event, this.cluster.eventIndex, atMs);
      const encoded = this.history.add(notice);
      if (event.type === 'NodeForgotten') this.strike(event.nodeId);
      this.onApplied(event, notice, encoded);
    }
  }

  /** A name that is taken stays with whom it has: of two processes that ask at a time the first one counts. */
  private enrol(nodeId: string, raftId: number): void {
    if (!this.coordinators.has(nodeId)) this.coordinators = new Map([...this.coordinators, [nodeId, raftId]]);
  }

  private strike(nodeId: string): void {
    if (!this.coordinators.has(nodeId)) return;
    this.coordinators = new Map([...this.coordinators].filter(([other]) => other !== nodeId));
  }
}
