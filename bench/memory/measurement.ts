/** What the memory suite finds; bytes per key are those beyond key and value. */

export interface AccountedAt {
  readonly keys: number;
  /** What the limit is compared with. */
  readonly used: number;
  /** With what is free in the segments. */
  readonly reserved: number;
}

export interface Accounting {
  readonly expiring: boolean;
  /** The worst between two steps of growth. */
  readonly worst: AccountedAt;
  readonly atEnd: AccountedAt;
  /** Growth of the JavaScript heap per key, after garbage collection. */
  readonly heap: number;
}

export const SERVERS = ['hypercache', 'redis', 'memcached'] as const;
export type ServerName = (typeof SERVERS)[number];

export interface Resident {
  readonly server: ServerName;
  readonly expiring: boolean;
  /** Growth of the resident memory from the warm-up to the end. */
  readonly perKey: number;
  readonly warmBytes: number;
  readonly endBytes: number;
}

export interface MemoryVerdict {
  readonly demand: string;
  readonly measured: number;
  readonly limit: number;
  readonly reached: boolean;
}

/** Goals in bytes per key, without and with an expiry. */
export const GOAL_BYTES = 10;
export const GOAL_EXPIRING_BYTES = 16;
/** What a key may leave on the JavaScript heap: the rounding of a measurement, far from any object. */
export const GOAL_HEAP_BYTES = 0.5;

export function verdictsOf(
  accountings: readonly Accounting[],
  residents: readonly Resident[],
): readonly MemoryVerdict[] {
  const goal = (expiring: boolean): number => (expiring ? GOAL_EXPIRING_BYTES : GOAL_BYTES);
  const kind = (expiring: boolean): string => (expiring ? 'with expiry' : 'without expiry');
  const accounted = accountings.flatMap(({ expiring, worst, atEnd, heap }) => [
    verdict(`worst by accounting, ${kind(expiring)}`, worst.used, goal(expiring)),
    verdict(`by accounting at the end, ${kind(expiring)}`, atEnd.used, goal(expiring)),
    verdict(`JavaScript heap, ${kind(expiring)}`, heap, GOAL_HEAP_BYTES),
  ]);
  const own = residents.filter(({ server }) => server === 'hypercache');
  const resident = own.map(({ expiring, perKey }) =>
    verdict(`slope of the resident memory, ${kind(expiring)}`, perKey, goal(expiring)),
  );
  return [...accounted, ...resident];
}

function verdict(demand: string, measured: number, limit: number): MemoryVerdict {
  return { demand, measured, limit, reached: measured <= limit };
}
