/** The names of what decides which entry goes when a store is full; the policies themselves live in the engine. */

export const POLICY_NAMES = ['sieve', 's3-fifo', 'w-tinylfu', 'lru', 'ttl-only', 'session', 'noeviction'] as const;
export type PolicyName = (typeof POLICY_NAMES)[number];

/** `volatile`: only entries that have an expiry may be evicted. */
export const EVICTION_SCOPES = ['all', 'volatile'] as const;
export type EvictionScope = (typeof EVICTION_SCOPES)[number];

/** What a name means: the scope is undefined where the name leaves it to the store. */
export interface PolicyChoice {
  readonly policy: PolicyName;
  readonly evictionScope: EvictionScope | undefined;
}

/**
 * Redis's names for `maxmemory-policy`, and what they mean here. Random eviction has no counterpart: sieve costs as
 * little and keeps what is used.
 */
export const REDIS_POLICIES: ReadonlyMap<string, PolicyChoice> = new Map<string, PolicyChoice>([
  ['allkeys-lru', { policy: 'lru', evictionScope: 'all' }],
  ['volatile-lru', { policy: 'lru', evictionScope: 'volatile' }],
  ['allkeys-lfu', { policy: 'w-tinylfu', evictionScope: 'all' }],
  ['volatile-lfu', { policy: 'w-tinylfu', evictionScope: 'volatile' }],
  ['volatile-ttl', { policy: 'ttl-only', evictionScope: 'volatile' }],
  ['allkeys-random', { policy: 'sieve', evictionScope: 'all' }],
  ['volatile-random', { policy: 'sieve', evictionScope: 'volatile' }],
  ['noeviction', { policy: 'noeviction', evictionScope: undefined }],
]);

export function isPolicyName(name: string): name is PolicyName {
  return (POLICY_NAMES as readonly string[]).includes(name);
}

/** The policy that a name of ours or of Redis stands for, whatever its case. */
export function policyByName(name: string): PolicyChoice | undefined {
  const lowerCase = name.toLowerCase();
  if (lowerCase === 'ttl-only') return { policy: lowerCase, evictionScope: 'volatile' };
  return isPolicyName(lowerCase) ? { policy: lowerCase, evictionScope: undefined } : REDIS_POLICIES.get(lowerCase);
}

const REDIS_NAMES: Readonly<Record<PolicyName, Readonly<Record<EvictionScope, string>>>> = {
  sieve: { all: 'allkeys-random', volatile: 'volatile-random' },
  's3-fifo': { all: 'allkeys-lfu', volatile: 'volatile-lfu' },
  'w-tinylfu': { all: 'allkeys-lfu', volatile: 'volatile-lfu' },
  lru: { all: 'allkeys-lru', volatile: 'volatile-lru' },
  session: { all: 'allkeys-lru', volatile: 'volatile-lru' },
  'ttl-only': { all: 'volatile-ttl', volatile: 'volatile-ttl' },
  noeviction: { all: 'noeviction', volatile: 'noeviction' },
};

/** The name that Redis's clients and tools know for what comes nearest to a policy. */
export function redisPolicyName(policy: PolicyName, scope: EvictionScope): string {
  return REDIS_NAMES[policy][scope];
}
