/** Stores as REST shows them. */
import type { TableStore } from '#libs/cluster';
import {
  type Field,
  filterStatistics,
  type NearFilterFigures,
  nearFilterStatistics,
  NO_NEAR_FILTER,
  statisticsFields,
  type StoreSummary,
} from '#libs/commands';

export interface FilterReply {
  readonly enabled: boolean;
  readonly false_positive_rate: number;
  readonly near_staleness_ms: number;
}

export interface StoreReply {
  readonly name: string;
  readonly type: string;
  readonly policy: string;
  readonly eviction_scope: string;
  readonly memory_limit_bytes: number;
  readonly default_ttl_ms: number | null;
  readonly ttl_prefixes: readonly { readonly prefix: string; readonly ttl_ms: number }[];
  readonly idle_ttl_ms: number | null;
  readonly max_ttl_ms: number | null;
  readonly timestamps: boolean;
  readonly replicas: number;
  readonly filter: FilterReply;
}

/** The fields of HSTATS, as numbers where they are numbers. */
export type StoreStatisticsReply = Readonly<Record<string, number | string | boolean>>;

export interface FilterDetailReply extends FilterReply {
  /** What the filter does over all storage nodes; null where those that know are out of reach. */
  readonly statistics: Readonly<Record<string, number | string>> | null;
  readonly statistics_error?: string;
}

export function storeReply(store: TableStore): StoreReply {
  return {
    name: store.name,
    type: store.type,
    policy: store.policy,
    eviction_scope: store.evictionScope,
    memory_limit_bytes: store.memoryLimitBytes,
    default_ttl_ms: ttlReply(store.defaultTtlMs),
    ttl_prefixes: store.ttlPrefixes.map(({ prefix, ttlMs }) => ({ prefix, ttl_ms: ttlMs })),
    idle_ttl_ms: ttlReply(store.idleTtlMs),
    max_ttl_ms: ttlReply(store.maxTtlMs),
    timestamps: store.timestamps,
    replicas: store.replicas,
    filter: filterReply(store),
  };
}

export function filterReply({ filter }: TableStore): FilterReply {
  return {
    enabled: filter.enabled,
    false_positive_rate: filter.falsePositiveRate,
    near_staleness_ms: filter.nearStalenessMs,
  };
}

export function statisticsReply(
  { name, filter }: Pick<TableStore, 'name' | 'filter'>,
  summary: StoreSummary,
  near: NearFilterFigures = NO_NEAR_FILTER,
): StoreStatisticsReply {
  return {
    store: name,
    ...numbersOf(statisticsFields(summary)),
    filter_enabled: filter.enabled,
    filter_false_positive_rate: filter.falsePositiveRate,
    filter_near_staleness_ms: filter.nearStalenessMs,
    ...numbersOf(nearFilterStatistics(near)),
  };
}

export function filterStatisticsReply(
  summary: StoreSummary,
  near: NearFilterFigures = NO_NEAR_FILTER,
): Readonly<Record<string, number | string>> {
  const fields = filterStatistics(summary).map(([name, value]): Field => [name.replace(/^filter_/, ''), value]);
  const nearFields = nearFilterStatistics(near).map(([name, value]): Field => [name.replace('_filter', ''), value]);
  return numbersOf([...fields, ...nearFields]);
}

function numbersOf(fields: readonly Field[]): Record<string, number | string> {
  return Object.fromEntries(fields.map(([name, value]) => [name, numberOf(value)]));
}

/** RESP writes ratios as text, JSON as numbers. */
function numberOf(value: unknown): number | string {
  const number = Number(value);
  return Number.isFinite(number) ? number : String(value);
}

function ttlReply(ms: number): number | null {
  return ms === 0 ? null : ms;
}
