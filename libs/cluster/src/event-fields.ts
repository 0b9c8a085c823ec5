/** How each cluster event is replicated: its code, which never changes, and its fields in their order. */
import { create, toBinary } from '@bufbuild/protobuf';
import { latin1Bytes, latin1Text, utf8Bytes, utf8Text, type ByteReader, type ByteWriter } from '#libs/kernel';
import { PRIMARY_CHANGE_REASONS, type ClusterEvent, type ClusterEventName } from './cluster-event.js';
import { fromNode, toNode } from './cluster-table-codec.js';
import type { TableNode, TableStore } from './cluster-table.js';
import { check, decodeMessage, toReason, toToken } from './decode.js';
import { ClusterTableSchema, TableNodeSchema } from './generated/hypercache/control/v1/cluster_table_pb.js';
import { CLUSTER_LIMITS } from './limits.js';
import { fromStores, toStores } from './store-codec.js';

/** Writes and reads one field. `read` throws DecodeError. */
export interface FieldCodec<T> {
  write(writer: ByteWriter, value: T): void;
  read(reader: ByteReader): T;
}

type EventOf<Name> = ClusterEvent extends infer E
  ? E extends { type: infer T }
    ? Name extends T
      ? E
      : never
    : never
  : never;

type EventRows = {
  readonly [Name in ClusterEventName]: {
    readonly code: number;
    readonly fields: { readonly [Field in Exclude<keyof EventOf<Name>, 'type'>]: FieldCodec<EventOf<Name>[Field]> };
  };
};

const MAX_NODE_BYTES = 2048;
const BOUNDS_OF_NODE = { maxBytes: MAX_NODE_BYTES, maxOccurrences: {} };
const BOUNDS_OF_STORES = {
  maxBytes: CLUSTER_LIMITS.maxTableBytes,
  maxOccurrences: { 10: CLUSTER_LIMITS.maxStores, 12: CLUSTER_LIMITS.maxTtlPrefixesInAll },
};

const U16: FieldCodec<number> = { write: (writer, value) => writer.u16(value), read: (reader) => reader.u16() };
const U32: FieldCodec<number> = { write: (writer, value) => writer.u32(value), read: (reader) => reader.u32() };

const PARTITION: FieldCodec<number> = {
  write: (writer, value) => writer.u16(value),
  read: (reader) => {
    const partition = reader.u16();
    check(partition < CLUSTER_LIMITS.maxPartitions, `partition ${partition}: out of range`);
    return partition;
  },
};

/** A name that is one token of a subject: length u8, ASCII. */
function tokenOf(what: string): FieldCodec<string> {
  return {
    write: (writer, value) => {
      writer.u8(value.length);
      writer.bytes(latin1Bytes(value));
    },
    read: (reader) => toToken(shortText(reader), what),
  };
}

const NODE_ID = tokenOf('node id');

/** The same, or empty. */
function optionalTokenOf(what: string): FieldCodec<string> {
  return {
    write: (writer, value) => NODE_ID.write(writer, value),
    read: (reader) => {
      const text = shortText(reader);
      return text === '' ? '' : toToken(text, what);
    },
  };
}

/** Empty where nobody asked. */
const REQUEST_ID = optionalTokenOf('request id');

/** Its place in the list, which only grows. */
function choiceOf<Choice extends string>(choices: readonly Choice[], what: string): FieldCodec<Choice> {
  return {
    write: (writer, value) => writer.u8(choices.indexOf(value)),
    read: (reader) => {
      const choice = choices.at(reader.u8());
      check(choice !== undefined, `${what}: unknown`);
      return choice;
    },
  };
}

/** Length u16, UTF-8. */
const TEXT: FieldCodec<string> = {
  write: (writer, value) => {
    const bytes = utf8Bytes(value);
    writer.u16(bytes.length);
    writer.bytes(bytes);
  },
  read: (reader) => {
    const length = reader.u16();
    const at = reader.skip(length);
    return toReason(utf8Text(reader.buffer.subarray(at, at + length)), 'text');
  },
};

const NODE: FieldCodec<TableNode> = {
  write: (writer, node) => writeMessage(writer, toBinary(TableNodeSchema, create(TableNodeSchema, fromNode(node)))),
  read: (reader) => toNode(decodeMessage(TableNodeSchema, readMessage(reader), BOUNDS_OF_NODE)),
};

const STORES: FieldCodec<readonly TableStore[]> = {
  write: (writer, stores) =>
    writeMessage(writer, toBinary(ClusterTableSchema, create(ClusterTableSchema, fromStores(stores)))),
  read: (reader) => {
    const message = decodeMessage(ClusterTableSchema, readMessage(reader), BOUNDS_OF_STORES);
    return toStores(message.stores, message.ttlPrefixes);
  },
};

const STORE: FieldCodec<TableStore> = {
  write: (writer, store) => STORES.write(writer, [store]),
  read: (reader) => {
    const [store, ...others] = STORES.read(reader);
    check(store !== undefined && others.length === 0, 'an event of one store names one');
    return store;
  },
};

function listOf<T>(element: FieldCodec<T>, maxLength: number): FieldCodec<readonly T[]> {
  return {
    write: (writer, values) => {
      writer.u16(values.length);
      for (const value of values) element.write(writer, value);
    },
    read: (reader) => {
      const length = reader.u16();
      check(length <= maxLength, `a list of ${length}: too long`);
      const values: T[] = [];
      for (let i = 0; i < length; i++) values.push(element.read(reader));
      return values;
    },
  };
}

const MOVE = { partition: PARTITION, source: NODE_ID, target: NODE_ID };

export const EVENT_ROWS: EventRows = {
  ClusterFormed: {
    code: 1,
    fields: {
      clusterId: tokenOf('cluster id'),
      clusterName: tokenOf('cluster name'),
      hashSeed: U32,
      nodes: listOf(NODE, CLUSTER_LIMITS.maxNodes),
      owners: listOf(listOf(U16, CLUSTER_LIMITS.maxOwners), CLUSTER_LIMITS.maxPartitions),
      stores: STORES,
    },
  },
  NodeJoined: { code: 2, fields: { node: NODE } },
  NodeRestarted: { code: 3, fields: { node: NODE } },
  NodeSuspected: { code: 4, fields: { nodeId: NODE_ID } },
  NodeDown: { code: 5, fields: { nodeId: NODE_ID } },
  NodeUp: { code: 6, fields: { nodeId: NODE_ID } },
  NodeLeft: { code: 7, fields: { nodeId: NODE_ID } },
  NodeForgotten: { code: 8, fields: { nodeId: NODE_ID, requestId: REQUEST_ID } },
  MoveStarted: { code: 23, fields: { ...MOVE, replaces: optionalTokenOf('node id'), requestId: REQUEST_ID } },
  PartitionMoved: { code: 10, fields: MOVE },
  MoveAborted: { code: 11, fields: { ...MOVE, reason: TEXT } },
  StoreDefined: { code: 12, fields: { store: STORE, requestId: REQUEST_ID } },
  StoreAltered: { code: 13, fields: { store: STORE, requestId: REQUEST_ID } },
  StoreDropped: { code: 14, fields: { id: U16, name: TEXT, requestId: REQUEST_ID } },
  SettingChanged: { code: 15, fields: { path: TEXT, value: TEXT, requestId: REQUEST_ID } },
  SettingReset: { code: 16, fields: { path: TEXT, requestId: REQUEST_ID } },
  NodeChanged: { code: 17, fields: { nodeId: NODE_ID, weight: U16 } },
  NodeDraining: { code: 18, fields: { nodeId: NODE_ID, requestId: REQUEST_ID } },
  NodeDrained: { code: 19, fields: { nodeId: NODE_ID } },
  NodeUndrained: { code: 20, fields: { nodeId: NODE_ID, requestId: REQUEST_ID } },
  RebalanceRequested: { code: 21, fields: { requestId: REQUEST_ID } },
  RebalanceStopped: { code: 22, fields: { requestId: REQUEST_ID } },
  OwnerRemoved: { code: 24, fields: { partition: PARTITION, nodeId: NODE_ID } },
  PrimaryChanged: {
    code: 25,
    fields: {
      partition: PARTITION,
      primary: NODE_ID,
      reason: choiceOf(PRIMARY_CHANGE_REASONS, 'reason of another primary'),
      requestId: REQUEST_ID,
    },
  },
  EpochServed: { code: 26, fields: { partition: PARTITION, epoch: U32 } },
};

/** A row of a release whose events of that name had fewer fields. */
interface EarlierRow<E> {
  readonly code: number;
  readonly fields: Readonly<Record<string, FieldCodec<unknown>>>;
  /** Whether the fewer fields say all: then they are written, so that the earlier release can read them. */
  fits(event: E): boolean;
  /** What the fewer fields meant. */
  completed(event: E): E;
}

export const EARLIER_ROWS: { readonly [Name in ClusterEventName]?: EarlierRow<EventOf<Name>> } = {
  /** Of partitions with one owner, whose place the target takes. */
  MoveStarted: {
    code: 9,
    fields: { ...MOVE, requestId: REQUEST_ID },
    fits: ({ source, replaces }) => replaces === source,
    completed: (event) => ({ ...event, replaces: event.source }),
  },
};

function shortText(reader: ByteReader): string {
  const length = reader.u8();
  return latin1Text(reader.buffer, reader.skip(length), length);
}

function writeMessage(writer: ByteWriter, bytes: Uint8Array): void {
  writer.u32(bytes.length);
  writer.bytes(bytes);
}

function readMessage(reader: ByteReader): Uint8Array {
  const length = reader.u32();
  const at = reader.skip(length);
  return reader.buffer.subarray(at, at + length);
}
