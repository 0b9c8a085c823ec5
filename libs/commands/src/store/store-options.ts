/** The options of STORE CREATE and STORE ALTER, in any order, read into changes of a definition. */
import {
  EVICTION_SCOPES,
  POLICY_NAMES,
  policyByName,
  REDIS_POLICIES,
  STORE_TYPES,
  type StoreChanges,
  type StoreFilter,
  type TtlPrefixChange,
} from '#libs/cluster';
import { utf8Text } from '#libs/kernel';
import { oneOf, word } from '../argument-docs.js';
import type { ArgumentDoc } from '../command-row.js';
import { integerArgument } from '../number-arguments.js';
import { argumentBytes, argumentIs, argumentText, quotedText, type Request } from '../request.js';
import { sizeArgument } from './size-argument.js';

/** Options of one command; more cannot say anything new. */
const MAX_OPTIONS = 64;
const MAX_QUOTED = 64;

type Draft = { -readonly [Field in keyof StoreChanges]: StoreChanges[Field] };
/** Reads an option's arguments from `at` on; answers what is wrong, or undefined. */
type Reader = (draft: Draft, request: Request, at: number) => string | undefined;

interface Option {
  readonly name: string;
  readonly argumentCount: number;
  readonly read: Reader;
}

const OPTIONS: readonly Option[] = [
  { name: 'TYPE', argumentCount: 1, read: choice('type', STORE_TYPES, 'TYPE') },
  { name: 'MAXMEMORY', argumentCount: 1, read: memory },
  { name: 'POLICY', argumentCount: 1, read: policy },
  { name: 'SCOPE', argumentCount: 1, read: choice('evictionScope', EVICTION_SCOPES, 'SCOPE') },
  { name: 'TTL', argumentCount: 1, read: milliseconds('defaultTtlMs', 'TTL') },
  { name: 'TTLPREFIX', argumentCount: 2, read: ttlPrefix },
  { name: 'IDLE', argumentCount: 1, read: milliseconds('idleTtlMs', 'IDLE') },
  { name: 'MAXTTL', argumentCount: 1, read: milliseconds('maxTtlMs', 'MAXTTL') },
  { name: 'TIMESTAMPS', argumentCount: 1, read: timestamps },
  { name: 'REPLICAS', argumentCount: 1, read: replicas },
  { name: 'FILTER', argumentCount: 1, read: filter },
  { name: 'NEAR-FILTER-STALENESS-MS', argumentCount: 1, read: nearStaleness },
];

export const STORE_OPTION_DOCS: readonly ArgumentDoc[] = [
  oneOf(
    'type',
    STORE_TYPES.map((type) => word(type)),
    { token: 'TYPE', optional: true },
  ),
  { name: 'bytes', type: 'string', token: 'MAXMEMORY', optional: true },
  { name: 'policy', type: 'string', token: 'POLICY', optional: true },
  oneOf(
    'scope',
    EVICTION_SCOPES.map((scope) => word(scope)),
    { token: 'SCOPE', optional: true },
  ),
  { name: 'milliseconds', type: 'integer', token: 'TTL', optional: true },
  {
    name: 'prefix',
    type: 'block',
    token: 'TTLPREFIX',
    optional: true,
    multiple: true,
    arguments: [
      { name: 'prefix', type: 'string' },
      { name: 'milliseconds', type: 'integer' },
    ],
  },
  { name: 'milliseconds', type: 'integer', token: 'IDLE', optional: true },
  { name: 'milliseconds', type: 'integer', token: 'MAXTTL', optional: true },
  oneOf('timestamps', [word('yes'), word('no')], { token: 'TIMESTAMPS', optional: true }),
  { name: 'copies', type: 'integer', token: 'REPLICAS', optional: true },
  { name: 'rate', type: 'string', token: 'FILTER', optional: true },
  { name: 'milliseconds', type: 'integer', token: 'NEAR-FILTER-STALENESS-MS', optional: true },
];

/** The options from argument `first` on, or what is wrong with them, for people. */
export function storeOptions(request: Request, first: number): StoreChanges | string {
  const draft: Draft = {};
  let at = first;
  for (let options = 0; at < request.count; options++) {
    const index = at;
    const option = OPTIONS.find(({ name }) => argumentIs(request, index, name.toLowerCase()));
    if (option === undefined || options >= MAX_OPTIONS) {
      const names = OPTIONS.map(({ name }) => name).join(', ');
      return `unknown option '${quotedText(request, at, MAX_QUOTED)}'; use ${names}`;
    }
    if (at + option.argumentCount >= request.count) return `${option.name}: its value is missing`;
    const fault = option.read(draft, request, at + 1);
    if (fault !== undefined) return fault;
    at += 1 + option.argumentCount;
  }
  return draft;
}

function choice<Field extends 'type' | 'evictionScope'>(
  field: Field,
  names: readonly NonNullable<StoreChanges[Field]>[],
  option: string,
): Reader {
  return (draft, request, at) => {
    const name = names.find((each) => argumentIs(request, at, each));
    if (name === undefined) return `${option} '${quotedText(request, at, MAX_QUOTED)}': use ${names.join(', ')}`;
    draft[field] = name as Draft[Field];
    return undefined;
  };
}

function memory(draft: Draft, request: Request, at: number): string | undefined {
  const bytes = sizeArgument(request, at);
  if (bytes === undefined) {
    return `MAXMEMORY '${quotedText(request, at, MAX_QUOTED)}': use bytes, such as 100mb or 1gb, or 0 for no limit`;
  }
  draft.memoryLimitBytes = bytes;
  return undefined;
}

function policy(draft: Draft, request: Request, at: number): string | undefined {
  const found = policyByName(argumentText(request, at));
  if (found === undefined) {
    const names = [...POLICY_NAMES, ...[...REDIS_POLICIES.keys()].filter((name) => name !== 'noeviction')];
    return `POLICY '${quotedText(request, at, MAX_QUOTED)}': use ${names.join(', ')}`;
  }
  draft.policy = found.policy;
  if (found.evictionScope !== undefined) draft.evictionScope = found.evictionScope;
  return undefined;
}

function milliseconds(field: 'defaultTtlMs' | 'idleTtlMs' | 'maxTtlMs', option: string): Reader {
  return (draft, request, at) => {
    const ms = timeArgument(request, at);
    if (ms === undefined) return `${option} '${quotedText(request, at, MAX_QUOTED)}': use milliseconds, or 0 for none`;
    draft[field] = ms;
    return undefined;
  };
}

function ttlPrefix(draft: Draft, request: Request, at: number): string | undefined {
  const prefix = utf8Text(argumentBytes(request, at));
  const isOff = argumentIs(request, at + 1, 'off');
  const ttlMs = isOff ? undefined : timeArgument(request, at + 1);
  if (!isOff && ttlMs === undefined) {
    const shown = quotedText(request, at + 1, MAX_QUOTED);
    return `TTLPREFIX '${shown}': use milliseconds, 0 for no expiry, or OFF to take the prefix away`;
  }
  const changes: TtlPrefixChange[] = [...(draft.ttlPrefixChanges ?? []), { prefix, ttlMs }];
  draft.ttlPrefixChanges = changes;
  return undefined;
}

function timestamps(draft: Draft, request: Request, at: number): string | undefined {
  const keeps = argumentIs(request, at, 'yes');
  if (!keeps && !argumentIs(request, at, 'no'))
    return `TIMESTAMPS '${quotedText(request, at, MAX_QUOTED)}': use yes or no`;
  draft.timestamps = keeps;
  return undefined;
}

function replicas(draft: Draft, request: Request, at: number): string | undefined {
  const copies = integerArgument(request, at);
  if (copies === undefined) return `REPLICAS '${quotedText(request, at, MAX_QUOTED)}': use a number of copies`;
  draft.replicas = copies;
  return undefined;
}

function filter(draft: Draft, request: Request, at: number): string | undefined {
  const found = filterArgument(request, at);
  if (found === undefined) {
    return `FILTER '${quotedText(request, at, MAX_QUOTED)}': use a false positive rate such as 0.01, or OFF`;
  }
  draft.filter = { ...draft.filter, ...found };
  return undefined;
}

function nearStaleness(draft: Draft, request: Request, at: number): string | undefined {
  const nearStalenessMs = timeArgument(request, at);
  if (nearStalenessMs === undefined) {
    return `NEAR-FILTER-STALENESS-MS '${quotedText(request, at, MAX_QUOTED)}': use milliseconds, or 0 for no copies`;
  }
  draft.filter = { ...draft.filter, nearStalenessMs };
  return undefined;
}

/** `OFF`, `ON`, or a rate, which switches the filter on. */
function filterArgument(request: Request, at: number): Partial<StoreFilter> | undefined {
  if (argumentIs(request, at, 'off')) return { enabled: false };
  if (argumentIs(request, at, 'on')) return { enabled: true };
  const falsePositiveRate = rateArgument(request, at);
  return falsePositiveRate === undefined ? undefined : { enabled: true, falsePositiveRate };
}

const RATE = /^[0-9]*\.?[0-9]+(e-?[0-9]+)?$/i;

/** A share, written as a decimal number. */
export function rateArgument(request: Request, at: number): number | undefined {
  const text = quotedText(request, at, MAX_QUOTED);
  return RATE.test(text) ? Number(text) : undefined;
}

export function timeArgument(request: Request, at: number): number | undefined {
  const ms = integerArgument(request, at);
  return ms === undefined || ms < 0 ? undefined : ms;
}
