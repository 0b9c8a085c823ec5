/** A store's definition as fields of a reply: the same names in STORE LIST, STORE INFO and the filter's commands. */
import { redisPolicyName, type StoreDefinition } from '#libs/cluster';
import { utf8Bytes } from '#libs/kernel';
import type { ReplyWriter } from '#libs/resp';

export type FieldValue = string | number | readonly (readonly [string, number])[];
export type Field = readonly [name: string, value: FieldValue];

export function definitionFields(store: StoreDefinition): readonly Field[] {
  const { policy, evictionScope } = store;
  return [
    ['name', store.name],
    ['type', store.type],
    ['policy', policy],
    ['eviction_scope', evictionScope],
    ['maxmemory_policy', redisPolicyName(policy, evictionScope)],
    ['memory_limit_bytes', store.memoryLimitBytes],
    ['default_ttl_ms', store.defaultTtlMs],
    ['ttl_prefixes', store.ttlPrefixes.map(({ prefix, ttlMs }) => [prefix, ttlMs] as const)],
    ['idle_ttl_ms', store.idleTtlMs],
    ['max_ttl_ms', store.maxTtlMs],
    ['timestamps', store.timestamps ? 1 : 0],
    ['replicas', store.replicas],
    ...filterFields(store),
  ];
}

export function filterFields({ filter }: StoreDefinition): readonly Field[] {
  return [
    ['filter_enabled', filter.enabled ? 1 : 0],
    ['filter_false_positive_rate', String(filter.falsePositiveRate)],
    ['filter_near_staleness_ms', filter.nearStalenessMs],
  ];
}

/** A map in RESP3, names and values in turn in RESP2. */
export function replyFields(reply: ReplyWriter, fields: readonly Field[]): void {
  reply.mapHeader(fields.length);
  for (const [name, value] of fields) {
    reply.bulkText(name);
    replyValue(reply, value);
  }
}

function replyValue(reply: ReplyWriter, value: FieldValue): void {
  if (typeof value === 'number') return reply.integer(value);
  if (typeof value === 'string') return reply.bulk(utf8Bytes(value));
  reply.mapHeader(value.length);
  for (const [name, number] of value) {
    reply.bulk(utf8Bytes(name));
    reply.integer(number);
  }
}
