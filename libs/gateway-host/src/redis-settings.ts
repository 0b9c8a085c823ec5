/**
 * Redis's names of settings, for clients and tools that ask for them or set them: what each means here, and how its text
 * becomes ours and back.
 */
import { policyByName, REDIS_POLICIES, redisPolicyName, type StoreChanges, type StoreDefinition } from '#libs/cluster';

/** Why a value is not taken, in Redis's words. */
export class SettingRefusal {
  constructor(readonly reason: string) {}
}

/** A setting of ours under Redis's name. */
export interface AliasRow {
  readonly path: string;
  toRedis(value: string): string;
  fromRedis(value: string): string | SettingRefusal;
}

/** A property of the store `default`. */
export interface StoreRow {
  read(store: StoreDefinition): string;
  parse(value: string): StoreChanges | SettingRefusal;
}

const same = (value: string): string => value;
const whole = (value: string): string | SettingRefusal =>
  /^\d{1,15}$/.test(value) ? value : new SettingRefusal("argument couldn't be parsed into an integer");

/** Redis counts these in seconds. */
function seconds(path: string): AliasRow {
  return {
    path,
    toRedis: (value) => String(Math.ceil(Number(value) / 1_000)),
    fromRedis: (value) => {
      const text = whole(value);
      return text instanceof SettingRefusal ? text : String(Number(text) * 1_000);
    },
  };
}

/** Redis's levels with the nearest of ours, the one that is shown for it first. */
const LOG_LEVELS: readonly (readonly [redis: string, ours: string])[] = [
  ['debug', 'DEBUG'],
  ['debug', 'TRACE'],
  ['verbose', 'DEBUG'],
  ['notice', 'INFO'],
  ['warning', 'WARN'],
  ['warning', 'ERROR'],
];

function oneOf(names: Iterable<string>): SettingRefusal {
  return new SettingRefusal(`argument(s) must be one of the following: ${[...new Set(names)].join(', ')}`);
}

export const REDIS_ALIASES: ReadonlyMap<string, AliasRow> = new Map<string, AliasRow>([
  ['maxclients', { path: 'limits.max_clients', toRedis: same, fromRedis: whole }],
  ['request-timeout-ms', { path: 'limits.request_timeout_ms', toRedis: same, fromRedis: whole }],
  ['tcp-keepalive', seconds('limits.tcp_keep_alive_ms')],
  ['timeout', seconds('limits.client_idle_timeout_ms')],
  ['appendfsync', { path: 'persistence.appendfsync', toRedis: same, fromRedis: (value) => value.toLowerCase() }],
  [
    'appendonly',
    {
      path: 'persistence.enabled',
      toRedis: (value) => (value === 'true' ? 'yes' : 'no'),
      fromRedis: (value) => (/^(?:yes|no)$/i.test(value) ? String(/^yes$/i.test(value)) : oneOf(['yes', 'no'])),
    },
  ],
  [
    'loglevel',
    {
      path: 'logging.level',
      toRedis: (value) => LOG_LEVELS.find(([, ours]) => ours === value)?.[0] ?? 'notice',
      fromRedis: (value) =>
        LOG_LEVELS.find(([redis]) => redis === value.toLowerCase())?.[1] ?? oneOf(LOG_LEVELS.map(([redis]) => redis)),
    },
  ],
]);

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1_000,
  kb: 2 ** 10,
  m: 1_000 ** 2,
  mb: 2 ** 20,
  g: 1_000 ** 3,
  gb: 2 ** 30,
};

export const DEFAULT_STORE_SETTINGS: ReadonlyMap<string, StoreRow> = new Map<string, StoreRow>([
  [
    'maxmemory',
    {
      read: ({ memoryLimitBytes }) => String(memoryLimitBytes),
      parse: (value) => {
        const match = /^(\d{1,15})([kmg]?b?)$/i.exec(value);
        if (match === null) return new SettingRefusal('argument must be a memory value');
        return { memoryLimitBytes: Number(match[1]) * UNITS[match[2].toLowerCase()] };
      },
    },
  ],
  [
    'maxmemory-policy',
    {
      read: ({ policy, evictionScope }) => redisPolicyName(policy, evictionScope),
      parse: (value) => {
        const choice = policyByName(value);
        if (choice === undefined) return oneOf(REDIS_POLICIES.keys());
        return { policy: choice.policy, evictionScope: choice.evictionScope ?? 'all' };
      },
    },
  ],
]);
