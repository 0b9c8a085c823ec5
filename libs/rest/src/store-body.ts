/**
 * Bodies that define and change stores. Only their types are checked here: what a definition may hold is the cluster's
 * to say, for every way in alike.
 */
import { IsArray, IsBoolean, IsInt, IsNumber, IsObject, IsOptional, IsString } from '#libs/validation';
import {
  POLICY_NAMES,
  policyByName,
  STORE_TYPES,
  type EvictionScope,
  type StoreChanges,
  type StoreFilter,
  type StoreType,
  type TtlPrefix,
} from '#libs/cluster';
import { invalidField } from './problem.js';
import { validated } from './validation.js';

const BYTES = { message: 'an integer, 0 for no limit of its own' };
const TTL = { message: 'an integer of milliseconds, or null for none' };
const TEXT = { message: 'a text' };

/** Body of PATCH: what is left out stays. */
export class StoreChangesBody {
  @IsOptional()
  @IsString(TEXT)
  type?: string | null;

  @IsOptional()
  @IsString(TEXT)
  policy?: string | null;

  @IsOptional()
  @IsString(TEXT)
  eviction_scope?: string | null;

  @IsOptional()
  @IsInt(BYTES)
  memory_limit_bytes?: number | null;

  @IsOptional()
  @IsInt(TTL)
  default_ttl_ms?: number | null;

  @IsOptional()
  @IsArray({ message: 'a list of prefixes' })
  ttl_prefixes?: unknown[] | null;

  @IsOptional()
  @IsInt(TTL)
  idle_ttl_ms?: number | null;

  @IsOptional()
  @IsInt(TTL)
  max_ttl_ms?: number | null;

  @IsOptional()
  @IsBoolean({ message: 'true or false' })
  timestamps?: boolean | null;

  @IsOptional()
  @IsInt({ message: 'an integer, how many copies of each entry there are' })
  replicas?: number | null;

  @IsOptional()
  @IsObject({ message: 'an object with enabled, false_positive_rate and near_staleness_ms' })
  filter?: object | null;
}

/** Body of POST. */
export class StoreBody extends StoreChangesBody {
  @IsString(TEXT)
  name!: string;
}

/** An element of `ttl_prefixes`. */
export class TtlPrefixBody {
  @IsString(TEXT)
  prefix!: string;

  @IsInt({ message: 'an integer of milliseconds, 0 for no expiry' })
  ttl_ms!: number;
}

/** `filter`, and the body of PUT …/filter. */
export class FilterBody {
  @IsOptional()
  @IsBoolean({ message: 'true or false' })
  enabled?: boolean | null;

  @IsOptional()
  @IsNumber({}, { message: 'a number such as 0.01' })
  false_positive_rate?: number | null;

  @IsOptional()
  @IsInt({ message: 'an integer of milliseconds, 0 for no copies at gateways' })
  near_staleness_ms?: number | null;
}

/** Throws a 400 that names the field. */
export function changesOf(body: StoreChangesBody): StoreChanges {
  const changes: { -readonly [Field in keyof StoreChanges]: StoreChanges[Field] } = {};
  if (given(body.type)) changes.type = choice('type', body.type, STORE_TYPES);
  if (given(body.policy)) {
    const found = policyByName(body.policy);
    if (found === undefined) throw invalidField('policy', body.policy, POLICY_NAMES.join(', '));
    changes.policy = found.policy;
    if (found.evictionScope !== undefined) changes.evictionScope = found.evictionScope;
  }
  if (given(body.eviction_scope)) {
    changes.evictionScope = choice<EvictionScope>('eviction_scope', body.eviction_scope, ['all', 'volatile']);
  }
  if (body.memory_limit_bytes !== undefined) changes.memoryLimitBytes = body.memory_limit_bytes ?? 0;
  if (body.default_ttl_ms !== undefined) changes.defaultTtlMs = body.default_ttl_ms ?? 0;
  if (body.idle_ttl_ms !== undefined) changes.idleTtlMs = body.idle_ttl_ms ?? 0;
  if (body.max_ttl_ms !== undefined) changes.maxTtlMs = body.max_ttl_ms ?? 0;
  if (given(body.timestamps)) changes.timestamps = body.timestamps;
  if (given(body.replicas)) changes.replicas = body.replicas;
  if (body.ttl_prefixes !== undefined) changes.ttlPrefixes = (body.ttl_prefixes ?? []).map(prefixOf);
  if (given(body.filter)) changes.filter = filterOf(validated(FilterBody, body.filter, 'filter'));
  return changes;
}

export function filterOf(body: FilterBody): Partial<StoreFilter> {
  const { enabled, false_positive_rate: falsePositiveRate, near_staleness_ms: nearStalenessMs } = body;
  return {
    ...(given(enabled) ? { enabled } : {}),
    ...(given(falsePositiveRate) ? { falsePositiveRate } : {}),
    ...(given(nearStalenessMs) ? { nearStalenessMs } : {}),
  };
}

function prefixOf(element: unknown, index: number): TtlPrefix {
  const { prefix, ttl_ms: ttlMs } = validated(TtlPrefixBody, element, `ttl_prefixes[${index}]`);
  return { prefix, ttlMs };
}

function choice<Name extends StoreType | EvictionScope>(field: string, text: string, names: readonly Name[]): Name {
  const name = names.find((each) => each === text);
  if (name === undefined) throw invalidField(field, text, names.join(', '));
  return name;
}

/** As class-validator's IsOptional: null is nothing. */
function given<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}
