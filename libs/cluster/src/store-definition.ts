/** How a store behaves, apart from its id: the presets of its type, and what changes at run time. */
import type { EvictionScope, PolicyName } from './store-policies.js';

export const STORE_TYPES = ['general', 'session', 'ttl-only'] as const;
export type StoreType = (typeof STORE_TYPES)[number];

/** The store of `SELECT 0` to `SELECT 15`, whose id is 0: it is always there. */
export const DEFAULT_STORE_NAME = 'default';
export const DEFAULT_STORE_ID = 0;

/** A time to live of its own for keys that begin with `prefix` (UTF-8); 0 for none. */
export interface TtlPrefix {
  readonly prefix: string;
  readonly ttlMs: number;
}

/** Whether look-ups of absent keys are answered by a filter, and how often it may be wrong. */
export interface StoreFilter {
  readonly enabled: boolean;
  readonly falsePositiveRate: number;
  /**
   * How late gateways may learn of a key that another gateway wrote, in milliseconds: they keep copies of the filter and
   * answer reads of keys that these do not have. 0: no copies.
   */
  readonly nearStalenessMs: number;
}

export interface StoreDefinition {
  readonly name: string;
  readonly type: StoreType;
  /** Per storage node; 0: no limit of its own, it shares the node's memory with the other stores. */
  readonly memoryLimitBytes: number;
  /** Of entries that are written without one; 0 for none. */
  readonly defaultTtlMs: number;
  /** The longest prefix that matches counts, and goes before the default. */
  readonly ttlPrefixes: readonly TtlPrefix[];
  readonly policy: PolicyName;
  readonly evictionScope: EvictionScope;
  /** Of session stores: an entry goes when it has not been used for so long; 0 for never. */
  readonly idleTtlMs: number;
  /** An entry goes so long after it was created, used and overwritten or not; 0 for never. */
  readonly maxTtlMs: number;
  /** Whether entries keep when they were created and changed last. */
  readonly timestamps: boolean;
  /** Copies of each entry: the first so many owners of its partition have one. */
  readonly replicas: number;
  readonly filter: StoreFilter;
}

/** Copies of each entry where nothing is said. One, as long as storage nodes do not replicate. */
export const DEFAULT_REPLICATION_FACTOR = 1;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const COMMON = {
  memoryLimitBytes: 0,
  defaultTtlMs: 0,
  ttlPrefixes: [],
  policy: 'sieve',
  evictionScope: 'all',
  idleTtlMs: 0,
  maxTtlMs: 0,
  timestamps: false,
  replicas: DEFAULT_REPLICATION_FACTOR,
  filter: { enabled: false, falsePositiveRate: 0.01, nearStalenessMs: 0 },
} as const satisfies Omit<StoreDefinition, 'name' | 'type'>;

/** What a store of each type is where nothing else is said. */
export const STORE_PRESETS: Readonly<Record<StoreType, Omit<StoreDefinition, 'name'>>> = {
  general: { ...COMMON, type: 'general' },
  session: { ...COMMON, type: 'session', policy: 'session', idleTtlMs: 30 * MINUTE_MS, maxTtlMs: 24 * HOUR_MS },
  'ttl-only': { ...COMMON, type: 'ttl-only', policy: 'ttl-only', evictionScope: 'volatile', defaultTtlMs: HOUR_MS },
};

export type StoreOverrides = { readonly name: string } & {
  readonly [Field in Exclude<keyof StoreDefinition, 'name' | 'type'>]?: StoreDefinition[Field] | undefined;
};

/** The preset of a type with what is given in place of its own; fields given as undefined count as not given. */
export function storeFromPreset(type: StoreType, overrides: StoreOverrides): StoreDefinition {
  return { ...STORE_PRESETS[type], ...(definedOf(overrides) as Omit<StoreDefinition, 'type'>) };
}

/** A prefix's new time to live; undefined takes the prefix away. */
export interface TtlPrefixChange {
  readonly prefix: string;
  readonly ttlMs: number | undefined;
}

/** What ALTER changes; what is left out stays. A new type brings its preset for all but limit, prefixes, timestamps, replicas and filter. */
export interface StoreChanges {
  readonly type?: StoreType;
  readonly memoryLimitBytes?: number;
  readonly defaultTtlMs?: number;
  /** In place of all that there are. */
  readonly ttlPrefixes?: readonly TtlPrefix[];
  /** Applied to those that there are, after `ttlPrefixes`. */
  readonly ttlPrefixChanges?: readonly TtlPrefixChange[];
  readonly policy?: PolicyName;
  readonly evictionScope?: EvictionScope;
  readonly idleTtlMs?: number;
  readonly maxTtlMs?: number;
  readonly timestamps?: boolean;
  readonly replicas?: number;
  readonly filter?: Partial<StoreFilter>;
}

export function alteredStore<Store extends StoreDefinition>(store: Store, changes: StoreChanges): Store {
  const { type, ttlPrefixes, ttlPrefixChanges, filter, ...rest } = definedOf(changes);
  return {
    ...store,
    ...(type === undefined || type === store.type ? {} : behaviourOf(type)),
    ...rest,
    ttlPrefixes: (ttlPrefixChanges ?? []).reduce(withPrefix, ttlPrefixes ?? store.ttlPrefixes),
    filter: { ...store.filter, ...(filter === undefined ? {} : definedOf(filter)) },
  };
}

function behaviourOf(type: StoreType): Partial<StoreDefinition> {
  const { policy, evictionScope, defaultTtlMs, idleTtlMs, maxTtlMs } = STORE_PRESETS[type];
  return { type, policy, evictionScope, defaultTtlMs, idleTtlMs, maxTtlMs };
}

function withPrefix(prefixes: readonly TtlPrefix[], { prefix, ttlMs }: TtlPrefixChange): readonly TtlPrefix[] {
  const others = prefixes.filter((each) => each.prefix !== prefix);
  return ttlMs === undefined ? others : [...others, { prefix, ttlMs }];
}

function definedOf<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** Equal in everything that the definition says. */
export function isSameDefinition(a: StoreDefinition, b: StoreDefinition): boolean {
  return differingFields(a, b).length === 0;
}

/** The fields in which two definitions differ, for people. */
export function differingFields(a: StoreDefinition, b: StoreDefinition): readonly string[] {
  const fields = Object.keys(COMMON) as (keyof typeof COMMON)[];
  return [...(['name', 'type'] as const), ...fields].filter((field) => comparable(a, field) !== comparable(b, field));
}

function comparable(definition: StoreDefinition, field: keyof StoreDefinition): string {
  if (field !== 'ttlPrefixes') return JSON.stringify(definition[field]);
  const { ttlPrefixes } = definition;
  return JSON.stringify(ttlPrefixes.map(({ prefix, ttlMs }) => [prefix, ttlMs]).toSorted(byPrefix));
}

function byPrefix([a]: (string | number)[], [b]: (string | number)[]): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
