/** What the eviction suite finds, and what it demands of it. */

export interface PolicyResult {
  readonly trace: string;
  readonly policy: string;
  readonly cacheBytes: number;
  readonly requests: number;
  readonly misses: number;
  readonly nsPerRequest: number;
  /** What is published for the same policy, trace and size. */
  readonly expectedMisses?: number;
}

export interface EvictionVerdict {
  readonly demand: string;
  readonly reached: boolean;
  /** Empty where it is reached. */
  readonly details: string;
}

export const missRatio = ({ misses, requests }: PolicyResult): number => misses / requests;

/**
 * Policies with published counts must have exactly those; the default one must miss less than LRU wherever LRU hits
 * anything (in a loop longer than the cache nothing that admits every miss does).
 */
export function verdictsOf(results: readonly PolicyResult[], defaultPolicy: string): readonly EvictionVerdict[] {
  const published = results.filter(({ expectedMisses }) => expectedMisses !== undefined);
  const policies = [...new Set(published.map(({ policy }) => policy))];
  const exact = policies.map((policy) => {
    const wrong = published.filter((one) => one.policy === policy && one.misses !== one.expectedMisses);
    const texts = wrong.map((one) => `${one.misses} instead of ${one.expectedMisses} at ${one.cacheBytes}`);
    return verdict(`${policy} misses what is published for it, to the last request`, texts);
  });
  const better = results.flatMap((own) => {
    if (own.policy !== defaultPolicy) return [];
    const same = (one: PolicyResult): boolean => one.trace === own.trace && one.cacheBytes === own.cacheBytes;
    const lru = results.find((one) => one.policy === 'lru' && same(one));
    return lru === undefined || lru.misses === lru.requests ? [] : [{ own, lru }];
  });
  if (better.length === 0) return exact;
  const worse = better.filter(({ own, lru }) => own.misses >= lru.misses);
  const texts = worse.map(({ own, lru }) => `${own.misses} beside ${lru.misses} at ${own.cacheBytes} (${own.trace})`);
  return [...exact, verdict(`${defaultPolicy} misses less than lru at every size`, texts)];
}

function verdict(demand: string, faults: readonly string[]): EvictionVerdict {
  return { demand, reached: faults.length === 0, details: faults.join('; ') };
}
