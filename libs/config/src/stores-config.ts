import {
  CLUSTER_LIMITS,
  DEFAULT_STORE_NAME,
  EVICTION_SCOPES,
  POLICY_NAMES,
  policyByName,
  REDIS_POLICIES,
  STORE_LIMITS,
  STORE_PRESETS,
  STORE_TYPES,
  storeFromPreset,
  type EvictionScope,
  type StoreDefinition,
  type StoreType,
} from '#libs/cluster';
import {
  BooleanSetting,
  BytesSetting,
  ChoiceSetting,
  IntegerSetting,
  ListSetting,
  MillisecondsSetting,
  NumberSetting,
  SectionOf,
  TextSetting,
} from './setting-types.js';

const { maxTtlMs: MAX_TTL_MS, maxMemoryBytes: MAX_MEMORY_BYTES } = STORE_LIMITS;
/** Bytes are counted, and the rest is said, where the whole definition is checked. */
const PREFIX = new RegExp(`^[^]{1,${CLUSTER_LIMITS.maxTtlPrefixBytes}}$`);
const POLICY_CHOICES = [...new Set([...POLICY_NAMES, ...REDIS_POLICIES.keys()])];

/** What the types say where a store says nothing: `general: 0, …`. */
function byType(field: 'policy' | 'evictionScope' | 'defaultTtlMs' | 'idleTtlMs' | 'maxTtlMs'): string {
  return `by type: ${STORE_TYPES.map((type) => `${type} \`${STORE_PRESETS[type][field]}\``).join(', ')}`;
}

/** A time to live for keys that begin alike. */
export class TtlPrefixConfig {
  @TextSetting({
    doc: 'How the keys begin.',
    defaultText: 'none, it must be given',
    pattern: PREFIX,
    allowed: `1 to ${CLUSTER_LIMITS.maxTtlPrefixBytes} bytes without control characters`,
  })
  prefix = '';

  @MillisecondsSetting({
    doc: 'Their time to live where none is given; 0 for ever.',
    defaultText: 'none, it must be given',
    min: 0,
    max: MAX_TTL_MS,
  })
  ttlMs: number | undefined;
}

/** The filter that answers most misses without a look into the index. */
export class FilterConfig {
  @BooleanSetting({ doc: 'Whether the store has a filter.' })
  enabled = false;

  @NumberSetting({
    doc: 'Share of the misses that the filter lets through.',
    min: STORE_LIMITS.minFalsePositiveRate,
    max: STORE_LIMITS.maxFalsePositiveRate,
  })
  falsePositiveRate = 0.01;

  @MillisecondsSetting({
    doc: 'Gateways keep copies of the filter and may miss keys of other gateways for so long; 0 for no copies.',
    min: 0,
    max: STORE_LIMITS.maxNearStalenessMs,
  })
  nearStalenessMs = 0;
}

/** A named cache. What is left out follows from its type. */
export class StoreConfig {
  @TextSetting({
    doc: 'Name, for `SELECT <name>` and REST; `default` is the store of the numbered databases.',
    pattern: /^[A-Za-z0-9_.-]{1,64}$/,
    allowed: '1 to 64 letters, digits, "-", "_" and "."',
  })
  name: string = DEFAULT_STORE_NAME;

  @ChoiceSetting({ doc: 'What it holds, which decides what is evicted.', choices: STORE_TYPES })
  type: StoreType = 'general';

  @BytesSetting({
    doc: 'Memory on each storage node; 0 for no limit but that of the node.',
    defaultText: '`memory.default_limit`',
    min: 0,
    max: MAX_MEMORY_BYTES,
    omittable: true,
  })
  memoryLimit: number | undefined;

  @ChoiceSetting({
    doc: 'Which entries are evicted first. Names of Redis’s `maxmemory-policy` are taken too.',
    defaultText: byType('policy'),
    choices: POLICY_CHOICES,
    omittable: true,
  })
  policy: string | undefined;

  @ChoiceSetting({
    doc: 'Which entries may be evicted: `all`, or the `volatile` ones, which have an expiry.',
    defaultText: byType('evictionScope'),
    choices: EVICTION_SCOPES,
    omittable: true,
  })
  evictionScope: EvictionScope | undefined;

  @MillisecondsSetting({
    doc: 'Time to live of entries that are written without one; 0 for ever.',
    defaultText: byType('defaultTtlMs'),
    min: 0,
    max: MAX_TTL_MS,
    omittable: true,
  })
  defaultTtlMs: number | undefined;

  @MillisecondsSetting({
    doc: 'Sessions that are not used for this long are removed; 0 for never. Stores of type `session`.',
    defaultText: byType('idleTtlMs'),
    min: 0,
    max: MAX_TTL_MS,
    omittable: true,
  })
  idleTtlMs: number | undefined;

  @MillisecondsSetting({
    doc: 'Entries go so long after they were created, however they are used and overwritten; 0 for no such bound.',
    defaultText: byType('maxTtlMs'),
    min: 0,
    max: MAX_TTL_MS,
    omittable: true,
  })
  maxTtlMs: number | undefined;

  @BooleanSetting({ doc: 'Whether entries keep when they were created and changed last, at 9 bytes each.' })
  timestamps = false;

  @IntegerSetting({
    doc: 'Copies of each entry, each on another storage node.',
    defaultText: '`cluster.replication_factor`',
    min: 1,
    max: CLUSTER_LIMITS.maxOwners,
    omittable: true,
  })
  replicas: number | undefined;

  @ListSetting(TtlPrefixConfig, {
    doc: 'Times to live by the beginning of the key, each with `prefix` and `ttl_ms`; the longest that fits counts.',
    defaultText: 'none',
  })
  ttlPrefixes: readonly TtlPrefixConfig[] = [];

  @SectionOf(FilterConfig, 'The filter that answers most misses')
  filter = new FilterConfig();
}

export function defaultStore(): StoreConfig {
  return new StoreConfig();
}

/** What stores have that say nothing of it, whatever their type. */
export type StoreDefaults = Pick<StoreDefinition, 'memoryLimitBytes' | 'replicas'>;

/** The store with what it leaves out taken from the preset of its type. */
export function storeDefinition(store: StoreConfig, defaults: StoreDefaults): StoreDefinition {
  const { name, type, defaultTtlMs, idleTtlMs, maxTtlMs } = store;
  const choice = store.policy === undefined ? undefined : policyByName(store.policy);
  const evictionScope = store.evictionScope ?? choice?.evictionScope;
  const { enabled, falsePositiveRate, nearStalenessMs } = store.filter;
  return storeFromPreset(type, {
    name,
    memoryLimitBytes: store.memoryLimit ?? defaults.memoryLimitBytes,
    replicas: store.replicas ?? defaults.replicas,
    ttlPrefixes: store.ttlPrefixes.map(({ prefix, ttlMs = 0 }) => ({ prefix, ttlMs })),
    timestamps: store.timestamps,
    filter: { enabled, falsePositiveRate, nearStalenessMs },
    ...(defaultTtlMs === undefined ? {} : { defaultTtlMs }),
    ...(idleTtlMs === undefined ? {} : { idleTtlMs }),
    ...(maxTtlMs === undefined ? {} : { maxTtlMs }),
    ...(choice === undefined ? {} : { policy: choice.policy }),
    ...(evictionScope === undefined ? {} : { evictionScope }),
  });
}
