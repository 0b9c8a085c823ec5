/** What is wrong with a store's definition, in sentences for the people who wrote it. */
import { utf8Bytes } from '#libs/kernel';
import { CLUSTER_LIMITS } from './limits.js';
import { DEFAULT_STORE_ID, DEFAULT_STORE_NAME, STORE_TYPES, type StoreDefinition } from './store-definition.js';
import { EVICTION_SCOPES, POLICY_NAMES } from './store-policies.js';

/** Bounds of what a definition may say. */
export const STORE_LIMITS = {
  /** Less holds next to nothing once its index stands. */
  minMemoryBytes: 1024 * 1024,
  maxMemoryBytes: 2 ** 50,
  /** A hundred years. */
  maxTtlMs: 3_153_600_000_000,
  minFalsePositiveRate: 0.0001,
  maxFalsePositiveRate: 0.1,
  /** Copies are fetched twice in this time: more often than that costs more than it is worth. */
  minNearStalenessMs: 100,
  maxNearStalenessMs: 60_000,
} as const;

const NAME = /^[A-Za-z0-9_.-]{1,64}$/;
const DIGITS = /^[0-9]+$/;
// Control characters in a prefix would spoil logs and the replies that show it.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Words that commands, paths or JavaScript give a meaning of their own. */
const RESERVED = new Set([
  '__proto__',
  'constructor',
  'prototype',
  'all',
  'list',
  'info',
  'create',
  'alter',
  'drop',
  'help',
  'policies',
  'none',
  'null',
]);

/** Whether text is made as names of stores are, reserved or not. */
export function isStoreNameShape(name: string): boolean {
  return NAME.test(name);
}

function nameFault(name: string): string | undefined {
  const shown = `name ${JSON.stringify(name.slice(0, 64))}`;
  if (!NAME.test(name)) return `${shown}: use 1 to 64 letters, digits, "_", "." and "-"`;
  if (DIGITS.test(name)) return `${shown}: digits alone name a database; use at least one letter`;
  if (RESERVED.has(name.toLowerCase())) return `${shown}: is reserved; take another name`;
  return undefined;
}

/** All faults of a definition, empty where it is sound. `id`: of a store that has one already. */
export function storeFaults(definition: StoreDefinition & { readonly id?: number }): string[] {
  const { name, id, type, policy, evictionScope } = definition;
  const faults: (string | undefined)[] = [
    nameFault(name),
    id !== undefined && (name === DEFAULT_STORE_NAME) !== (id === DEFAULT_STORE_ID)
      ? `name ${JSON.stringify(name)}: "${DEFAULT_STORE_NAME}" is the store with id ${DEFAULT_STORE_ID}, and no other`
      : undefined,
    choiceFault('type', type, STORE_TYPES),
    choiceFault('policy', policy, POLICY_NAMES),
    choiceFault('evictionScope', evictionScope, EVICTION_SCOPES),
    memoryFault(definition.memoryLimitBytes),
    ttlFault('defaultTtlMs', definition.defaultTtlMs),
    ttlFault('idleTtlMs', definition.idleTtlMs),
    ttlFault('maxTtlMs', definition.maxTtlMs),
    ...prefixFaults(definition),
    replicasFault(definition.replicas),
    rateFault(definition.filter.falsePositiveRate),
    stalenessFault(definition.filter.nearStalenessMs),
    ...relationFaults(definition),
  ];
  return faults.filter((fault) => fault !== undefined);
}

function choiceFault(field: string, value: string, choices: readonly string[]): string | undefined {
  return choices.includes(value) ? undefined : `${field} ${JSON.stringify(value)}: use one of ${choices.join(', ')}`;
}

function memoryFault(bytes: number): string | undefined {
  const { minMemoryBytes, maxMemoryBytes } = STORE_LIMITS;
  if (bytes === 0 || (Number.isInteger(bytes) && bytes >= minMemoryBytes && bytes <= maxMemoryBytes)) return undefined;
  return `memoryLimitBytes ${bytes}: use 0 (none of its own) or ${minMemoryBytes} (1mb) to ${maxMemoryBytes}`;
}

function ttlFault(field: string, ms: number): string | undefined {
  const { maxTtlMs } = STORE_LIMITS;
  if (Number.isInteger(ms) && ms >= 0 && ms <= maxTtlMs) return undefined;
  return `${field} ${ms}: use 0 (none) to ${maxTtlMs} milliseconds`;
}

function prefixFaults({ ttlPrefixes }: StoreDefinition): (string | undefined)[] {
  const { maxTtlPrefixes, maxTtlPrefixBytes } = CLUSTER_LIMITS;
  if (ttlPrefixes.length > maxTtlPrefixes) {
    return [`ttlPrefixes: ${ttlPrefixes.length} of them; a store may have ${maxTtlPrefixes}`];
  }
  const seen = new Set<string>();
  return ttlPrefixes.flatMap(({ prefix, ttlMs }) => {
    const shown = `ttlPrefixes ${JSON.stringify(prefix.slice(0, maxTtlPrefixBytes))}`;
    const length = utf8Bytes(prefix).length;
    const isRepeated = seen.has(prefix);
    seen.add(prefix);
    return [
      length < 1 || length > maxTtlPrefixBytes || CONTROL.test(prefix)
        ? `${shown}: use 1 to ${maxTtlPrefixBytes} bytes without control characters`
        : undefined,
      isRepeated ? `${shown}: is given twice` : undefined,
      ttlFault(shown, ttlMs),
    ];
  });
}

function replicasFault(replicas: number): string | undefined {
  if (isReplicationFactor(replicas)) return undefined;
  return `replicas ${replicas}: use 1 to ${CLUSTER_LIMITS.maxOwners} copies`;
}

export function isReplicationFactor(replicas: number): boolean {
  return Number.isInteger(replicas) && replicas >= 1 && replicas <= CLUSTER_LIMITS.maxOwners;
}

function rateFault(rate: number): string | undefined {
  const { minFalsePositiveRate, maxFalsePositiveRate } = STORE_LIMITS;
  if (rate >= minFalsePositiveRate && rate <= maxFalsePositiveRate) return undefined;
  return `filter.falsePositiveRate ${rate}: use ${minFalsePositiveRate} to ${maxFalsePositiveRate}`;
}

function stalenessFault(ms: number): string | undefined {
  if (isNearStaleness(ms)) return undefined;
  const { minNearStalenessMs, maxNearStalenessMs } = STORE_LIMITS;
  return `filter.nearStalenessMs ${ms}: use 0 (off) or ${minNearStalenessMs} to ${maxNearStalenessMs} milliseconds`;
}

export function isNearStaleness(ms: number): boolean {
  const { minNearStalenessMs, maxNearStalenessMs } = STORE_LIMITS;
  return ms === 0 || (Number.isInteger(ms) && ms >= minNearStalenessMs && ms <= maxNearStalenessMs);
}

/** What fits alone and not together. */
function relationFaults(definition: StoreDefinition): (string | undefined)[] {
  const { type, policy, idleTtlMs, evictionScope } = definition;
  const isSession = type === 'session';
  return [
    !isSession && policy === 'session' ? 'policy "session": is for stores of type session' : undefined,
    !isSession && idleTtlMs > 0 ? `idleTtlMs ${idleTtlMs}: is for stores of type session; use 0` : undefined,
    isSession && idleTtlMs > 0 && policy !== 'session'
      ? `idleTtlMs ${idleTtlMs}: needs the policy session, which knows when an entry was used last; or use 0`
      : undefined,
    policy === 'ttl-only' && evictionScope === 'all'
      ? 'evictionScope "all": the policy ttl-only evicts only what expires; use volatile'
      : undefined,
  ];
}
