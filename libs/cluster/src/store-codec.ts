/** Stores of the cluster table as protobuf messages; the rest of the table is in cluster-table-codec.ts. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { utf8Bytes } from '#libs/kernel';
import type { TableStore } from './cluster-table.js';
import { check, toChoice, toNumber } from './decode.js';
import type {
  ClusterTableSchema,
  StoreTtlPrefix as PrefixMessage,
  TableStore as StoreMessage,
} from './generated/hypercache/control/v1/cluster_table_pb.js';
import { CLUSTER_LIMITS } from './limits.js';
import { STORE_TYPES, storeFromPreset, type TtlPrefix } from './store-definition.js';
import { isNearStaleness, isReplicationFactor, isStoreNameShape, STORE_LIMITS } from './store-faults.js';
import { EVICTION_SCOPES, POLICY_NAMES } from './store-policies.js';

type TableMessage = MessageInitShape<typeof ClusterTableSchema>;

/** The fields of a table's message that hold stores. */
export function fromStores(stores: readonly TableStore[]): Pick<TableMessage, 'stores' | 'ttlPrefixes'> {
  return {
    stores: stores.map((store) => ({
      id: store.id,
      name: store.name,
      type: store.type,
      memoryLimitBytes: BigInt(store.memoryLimitBytes),
      defaultTtlMs: BigInt(store.defaultTtlMs),
      policy: store.policy,
      evictionScope: store.evictionScope,
      idleTtlMs: BigInt(store.idleTtlMs),
      maxTtlMs: BigInt(store.maxTtlMs),
      timestamps: store.timestamps,
      filterEnabled: store.filter.enabled,
      filterFalsePositiveRate: store.filter.falsePositiveRate,
      filterNearStalenessMs: store.filter.nearStalenessMs,
      // As an earlier release wrote it, whose stores had one copy each.
      replicas: store.replicas === 1 ? 0 : store.replicas,
    })),
    ttlPrefixes: stores.flatMap(({ id, ttlPrefixes }) =>
      ttlPrefixes.map(({ prefix, ttlMs }) => ({ storeId: id, prefix, ttlMs: BigInt(ttlMs) })),
    ),
  };
}

/** Throws DecodeError. Whether ids and names are distinct is the caller's to check. */
export function toStores(messages: readonly StoreMessage[], prefixMessages: readonly PrefixMessage[]): TableStore[] {
  const prefixesOf = new Map<number, TtlPrefix[]>(messages.map(({ id }) => [id, []]));
  for (const message of prefixMessages) {
    const prefixes = prefixesOf.get(message.storeId);
    check(prefixes !== undefined, `TTL prefix of store ${message.storeId}, which there is not`);
    prefixes.push(toPrefix(message));
    check(prefixes.length <= CLUSTER_LIMITS.maxTtlPrefixes, `store ${message.storeId}: too many TTL prefixes`);
  }
  return messages.map((message) => toStore(message, prefixesOf.get(message.id) ?? []));
}

export function toPrefix({ prefix, ttlMs }: { readonly prefix: string; readonly ttlMs: bigint }): TtlPrefix {
  const { length } = utf8Bytes(prefix);
  check(length >= 1 && length <= CLUSTER_LIMITS.maxTtlPrefixBytes, 'TTL prefix: empty or too long');
  return { prefix, ttlMs: toNumber(ttlMs, 'TTL of a prefix') };
}

function toStore(message: StoreMessage, ttlPrefixes: readonly TtlPrefix[]): TableStore {
  check(message.id <= CLUSTER_LIMITS.maxStoreId, `store id ${message.id}: has more than 16 bits`);
  check(isStoreNameShape(message.name), 'store name: use 1 to 64 letters, digits, "_", "." and "-"');
  const type = toChoice(STORE_TYPES, message.type, 'store type');
  const limits = {
    name: message.name,
    memoryLimitBytes: toNumber(message.memoryLimitBytes, 'memory limit'),
    defaultTtlMs: toNumber(message.defaultTtlMs, 'default TTL'),
  };
  // Written by a release whose stores had no more than these fields.
  if (message.policy === '') return { id: message.id, ...storeFromPreset(type, limits), ttlPrefixes };
  const { filterEnabled: enabled, filterFalsePositiveRate: falsePositiveRate, filterNearStalenessMs } = message;
  return {
    id: message.id,
    ...limits,
    type,
    ttlPrefixes,
    policy: toChoice(POLICY_NAMES, message.policy, 'policy'),
    evictionScope: toChoice(EVICTION_SCOPES, message.evictionScope, 'eviction scope'),
    idleTtlMs: toNumber(message.idleTtlMs, 'idle TTL'),
    maxTtlMs: toNumber(message.maxTtlMs, 'longest TTL'),
    timestamps: message.timestamps,
    replicas: message.replicas === 0 ? 1 : toReplicas(message.replicas),
    filter: {
      enabled,
      falsePositiveRate: toRate(falsePositiveRate),
      nearStalenessMs: toNearStaleness(filterNearStalenessMs),
    },
  };
}

export function toReplicas(replicas: number): number {
  check(isReplicationFactor(replicas), `replicas ${replicas}: out of range`);
  return replicas;
}

export function toRate(rate: number): number {
  const { minFalsePositiveRate, maxFalsePositiveRate } = STORE_LIMITS;
  check(rate >= minFalsePositiveRate && rate <= maxFalsePositiveRate, 'false positive rate: out of range');
  return rate;
}

export function toNearStaleness(ms: number): number {
  check(isNearStaleness(ms), 'staleness of copies of the filter: out of range');
  return ms;
}
