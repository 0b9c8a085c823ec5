/** Requests for changes, and their answers, as protobuf. All decoders throw DecodeError and keep no bytes. */
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { assertNever } from '#libs/kernel';
import { REFUSAL_CODES, type ChangeReply, type ChangeRequest, type ClusterChange } from './cluster-change.js';
import { check, checkFormatVersion, decodeMessage, toChoice, toName, toNumber, toReason, toToken } from './decode.js';
import {
  ChangeReplySchema,
  ChangeRequestSchema,
  type Change as ChangeMessage,
  type ChangeSchema,
  type StoreFields,
  type StoreFieldsSchema,
} from './generated/hypercache/control/v1/changes_pb.js';
import { CLUSTER_LIMITS } from './limits.js';
import { toPrefix, toNearStaleness, toRate, toReplicas } from './store-codec.js';
import { STORE_TYPES, storeFromPreset, type StoreChanges, type StoreFilter } from './store-definition.js';
import { EVICTION_SCOPES, POLICY_NAMES } from './store-policies.js';
import { FORMAT_VERSION } from './versions.js';

const BOUNDS_OF_REQUEST = {
  maxBytes: CLUSTER_LIMITS.maxMessageBytes,
  maxOccurrences: { 4: CLUSTER_LIMITS.maxChangesAtOnce },
};
const BOUNDS_OF_REPLY = { maxBytes: CLUSTER_LIMITS.maxMessageBytes, maxOccurrences: {} };

/** Throws RangeError where the changes together exceed one message. */
export function encodeChangeRequest(request: ChangeRequest): Uint8Array {
  const { clusterId, requestId } = request;
  const changes = request.changes.map(fromChange);
  const bytes = toBinary(
    ChangeRequestSchema,
    create(ChangeRequestSchema, { formatVersion: FORMAT_VERSION, clusterId, requestId, changes }),
  );
  if (bytes.length > CLUSTER_LIMITS.maxMessageBytes) {
    throw new RangeError(`the changes have ${bytes.length} bytes; at most ${CLUSTER_LIMITS.maxMessageBytes} are taken`);
  }
  return bytes;
}

export function decodeChangeRequest(bytes: Uint8Array): ChangeRequest {
  const message = decodeMessage(ChangeRequestSchema, bytes, BOUNDS_OF_REQUEST);
  checkFormatVersion('ChangeRequest', message.formatVersion);
  return {
    clusterId: toToken(message.clusterId, 'cluster id'),
    requestId: toToken(message.requestId, 'request id'),
    changes: message.changes.map(toChange),
  };
}

export function encodeChangeReply(reply: ChangeReply): Uint8Array {
  const { accepted } = reply;
  return toBinary(
    ChangeReplySchema,
    create(
      ChangeReplySchema,
      accepted
        ? { formatVersion: FORMAT_VERSION, accepted, tableVersion: BigInt(reply.tableVersion) }
        : {
            formatVersion: FORMAT_VERSION,
            refusal: REFUSAL_CODES.indexOf(reply.code) + 1,
            reason: reply.reason.slice(0, CLUSTER_LIMITS.maxReasonLength),
          },
    ),
  );
}

export function decodeChangeReply(bytes: Uint8Array): ChangeReply {
  const message = decodeMessage(ChangeReplySchema, bytes, BOUNDS_OF_REPLY);
  checkFormatVersion('ChangeReply', message.formatVersion);
  if (message.accepted) return { accepted: true, tableVersion: toNumber(message.tableVersion, 'table version') };
  const code = toName(['unspecified', ...REFUSAL_CODES], message.refusal, 'refusal');
  return { accepted: false, code, reason: toReason(message.reason, 'reason') };
}

function fromChange(change: ClusterChange): MessageInitShape<typeof ChangeSchema> {
  switch (change.type) {
    case 'CreateStore':
      return { change: { case: 'createStore', value: fromFields(change.definition.name, change.definition) } };
    case 'AlterStore':
      return { change: { case: 'alterStore', value: fromFields(change.name, change.changes) } };
    case 'DropStore':
      return { change: { case: 'dropStore', value: { name: change.name } } };
    case 'ChangeSetting':
      return { change: { case: 'changeSetting', value: { path: change.path, value: change.value } } };
    case 'ResetSetting':
      return { change: { case: 'resetSetting', value: { path: change.path } } };
    case 'DrainNode':
      return { change: { case: 'drainNode', value: { nodeId: change.nodeId } } };
    case 'UndrainNode':
      return { change: { case: 'undrainNode', value: { nodeId: change.nodeId } } };
    case 'ForgetNode':
      return { change: { case: 'forgetNode', value: { nodeId: change.nodeId } } };
    case 'MovePrimary':
      return { change: { case: 'movePrimary', value: { partition: change.partition, target: change.target } } };
    case 'Rebalance':
      return { change: { case: 'rebalance', value: {} } };
    case 'CancelMoves':
      return { change: { case: 'cancelMoves', value: { nodeId: change.nodeId } } };
    default:
      return assertNever(change);
  }
}

function fromFields(name: string, changes: StoreChanges): MessageInitShape<typeof StoreFieldsSchema> {
  const { ttlPrefixes, ttlPrefixChanges, filter } = changes;
  return {
    name,
    type: changes.type,
    memoryLimitBytes: toBigInt(changes.memoryLimitBytes),
    defaultTtlMs: toBigInt(changes.defaultTtlMs),
    replacesTtlPrefixes: ttlPrefixes !== undefined,
    ttlPrefixes: (ttlPrefixes ?? []).map(({ prefix, ttlMs }) => ({ prefix, ttlMs: BigInt(ttlMs) })),
    ttlPrefixChanges: (ttlPrefixChanges ?? []).map(({ prefix, ttlMs }) => ({ prefix, ttlMs: toBigInt(ttlMs) })),
    policy: changes.policy,
    evictionScope: changes.evictionScope,
    idleTtlMs: toBigInt(changes.idleTtlMs),
    maxTtlMs: toBigInt(changes.maxTtlMs),
    timestamps: changes.timestamps,
    replicas: changes.replicas,
    filterEnabled: filter?.enabled,
    filterFalsePositiveRate: filter?.falsePositiveRate,
    filterNearStalenessMs: filter?.nearStalenessMs,
  };
}

function toBigInt(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value);
}

function toChange({ change }: ChangeMessage): ClusterChange {
  switch (change.case) {
    case 'createStore': {
      const changes = toChanges(change.value);
      const { type, ttlPrefixChanges, filter, ...given } = changes;
      check(type !== undefined && filter !== undefined, 'a new store: fields are missing');
      check(ttlPrefixChanges === undefined, 'a new store: has no prefixes to change');
      const { enabled, falsePositiveRate, nearStalenessMs = 0 } = filter;
      check(enabled !== undefined && falsePositiveRate !== undefined, 'a new store: its filter is missing');
      const overrides = { ...given, name: change.value.name, filter: { enabled, falsePositiveRate, nearStalenessMs } };
      return { type: 'CreateStore', definition: storeFromPreset(type, overrides) };
    }
    case 'alterStore':
      return { type: 'AlterStore', name: change.value.name, changes: toChanges(change.value) };
    case 'dropStore':
      return { type: 'DropStore', name: change.value.name };
    case 'changeSetting':
      return { type: 'ChangeSetting', path: change.value.path, value: change.value.value };
    case 'resetSetting':
      return { type: 'ResetSetting', path: change.value.path };
    case 'drainNode':
      return { type: 'DrainNode', nodeId: change.value.nodeId };
    case 'undrainNode':
      return { type: 'UndrainNode', nodeId: change.value.nodeId };
    case 'forgetNode':
      return { type: 'ForgetNode', nodeId: change.value.nodeId };
    case 'movePrimary':
      return { type: 'MovePrimary', partition: change.value.partition, target: change.value.target };
    case 'rebalance':
      return { type: 'Rebalance' };
    case 'cancelMoves':
      return { type: 'CancelMoves', nodeId: change.value.nodeId };
    case undefined:
      check(false, 'a change of a kind that this release does not know');
      break;
    default:
      return assertNever(change);
  }
}

function toChanges(fields: StoreFields): StoreChanges {
  const changes: { -readonly [Field in keyof StoreChanges]: StoreChanges[Field] } = {};
  if (fields.type !== undefined) changes.type = toChoice(STORE_TYPES, fields.type, 'store type');
  if (fields.policy !== undefined) changes.policy = toChoice(POLICY_NAMES, fields.policy, 'policy');
  if (fields.evictionScope !== undefined) {
    changes.evictionScope = toChoice(EVICTION_SCOPES, fields.evictionScope, 'eviction scope');
  }
  for (const field of ['memoryLimitBytes', 'defaultTtlMs', 'idleTtlMs', 'maxTtlMs'] as const) {
    const value = fields[field];
    if (value !== undefined) changes[field] = toNumber(value, field);
  }
  if (fields.timestamps !== undefined) changes.timestamps = fields.timestamps;
  if (fields.replicas !== undefined) changes.replicas = toReplicas(fields.replicas);
  if (fields.replacesTtlPrefixes) changes.ttlPrefixes = fields.ttlPrefixes.map(toPrefix);
  if (fields.ttlPrefixChanges.length > 0) {
    changes.ttlPrefixChanges = fields.ttlPrefixChanges.map(({ prefix, ttlMs }) => ({
      prefix: toPrefix({ prefix, ttlMs: 0n }).prefix,
      ttlMs: ttlMs === undefined ? undefined : toNumber(ttlMs, 'TTL of a prefix'),
    }));
  }
  const filter = toFilter(fields);
  if (filter !== undefined) changes.filter = filter;
  return changes;
}

function toFilter(fields: StoreFields): Partial<StoreFilter> | undefined {
  const { filterEnabled, filterFalsePositiveRate, filterNearStalenessMs } = fields;
  const given = {
    ...(filterEnabled === undefined ? {} : { enabled: filterEnabled }),
    ...(filterFalsePositiveRate === undefined ? {} : { falsePositiveRate: toRate(filterFalsePositiveRate) }),
    ...(filterNearStalenessMs === undefined ? {} : { nearStalenessMs: toNearStaleness(filterNearStalenessMs) }),
  };
  return Object.keys(given).length === 0 ? undefined : given;
}
