/** All eviction policies. A new one is a file beside this one and a row here. */
import type { EvictionPolicy, PolicySettings } from './eviction-policy.js';
import { LruPolicy } from './lru.js';
import type { PolicyContext } from './policy-context.js';
import { QuietPolicy } from './quiet-policy.js';
import { S3FifoPolicy } from './s3-fifo.js';
import { SessionPolicy } from './session.js';
import { SievePolicy } from './sieve.js';
import { TtlOnlyPolicy } from './ttl-only.js';
import { WTinyLfuPolicy } from './w-tinylfu.js';

interface PolicyRow {
  /** One sentence for users. */
  readonly doc: string;
  /** What it costs beside the two bits that every entry has. */
  readonly bytesPerEntry: number;
  readonly create: (context: PolicyContext, settings: PolicySettings) => EvictionPolicy;
}

const ROWS = {
  sieve: {
    doc: 'Evicts what has not been used since a hand last passed it, oldest first; best for most caches.',
    bytesPerEntry: 0,
    create: (context, settings) => new SievePolicy(context, settings),
  },
  's3-fifo': {
    doc: 'Lets new entries pass a small queue first, and keeps what is used there; good against scans.',
    bytesPerEntry: 16,
    create: (context, settings) => new S3FifoPolicy(context, settings),
  },
  'w-tinylfu': {
    doc: 'Keeps what is used often, by an estimate that ages; a small window lets new entries prove themselves.',
    bytesPerEntry: 12.5,
    create: (context, settings) => new WTinyLfuPolicy(context, settings),
  },
  lru: {
    doc: 'Evicts what has not been used for the longest time, exactly.',
    bytesPerEntry: 10,
    create: (context, settings) => new LruPolicy(context, settings),
  },
  'ttl-only': {
    doc: 'Evicts what expires soonest; entries without expiry are never evicted.',
    bytesPerEntry: 0,
    create: (context) => new TtlOnlyPolicy(context),
  },
  session: {
    doc: 'Removes what has been idle for the idle lifetime, and evicts what has been idle for the longest time.',
    bytesPerEntry: 20,
    create: (context, settings) => new SessionPolicy(context, settings),
  },
  noeviction: {
    doc: 'Evicts nothing; a full store refuses writes.',
    bytesPerEntry: 0,
    create: () => new QuietPolicy(),
  },
} satisfies Record<string, PolicyRow>;

export type PolicyName = keyof typeof ROWS;

/** All policies by name. */
export const POLICIES: Readonly<Record<PolicyName, PolicyRow>> = ROWS;

export const POLICY_NAMES: readonly PolicyName[] = Object.keys(ROWS) as PolicyName[];

export interface PolicyOptions extends PolicySettings {
  readonly name: PolicyName;
}

export const DEFAULT_POLICY: PolicyOptions = { name: 'sieve', scope: 'all' };

/** What Redis's `maxmemory-policy` names mean here. */
export const REDIS_POLICIES: Readonly<Record<string, Required<Pick<PolicyOptions, 'name' | 'scope'>>>> = {
  noeviction: { name: 'noeviction', scope: 'all' },
  'allkeys-lru': { name: 'lru', scope: 'all' },
  'volatile-lru': { name: 'lru', scope: 'volatile' },
  'allkeys-lfu': { name: 'w-tinylfu', scope: 'all' },
  'volatile-lfu': { name: 'w-tinylfu', scope: 'volatile' },
  'allkeys-random': { name: 'sieve', scope: 'all' },
  'volatile-random': { name: 'sieve', scope: 'volatile' },
  'volatile-ttl': { name: 'ttl-only', scope: 'volatile' },
};

export function isPolicyName(text: string): text is PolicyName {
  return Object.hasOwn(ROWS, text);
}
