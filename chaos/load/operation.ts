/** What clients ask for: commands on single keys that the checker has a model of. */
import type { OperationKind, Value } from '#libs/linearizability';
import { latin1Bytes } from '#libs/kernel';
import { encodeCommand } from '#libs/resp';
import type { SimRng } from '#libs/simulator';
import { tokenFor, valueOf } from './values.js';

export type ChaosOperationKind = Extract<OperationKind, 'read' | 'write' | 'delete' | 'set-if-absent' | 'increment'>;

export interface Operation {
  readonly kind: ChaosOperationKind;
  readonly key: string;
  /** A token of a value, an increment, or null. */
  readonly argument: Value;
}

/** How often which, in percent. */
const OF_REGISTERS: readonly (readonly [ChaosOperationKind, number])[] = [
  ['read', 42],
  ['write', 38],
  ['set-if-absent', 10],
  ['delete', 10],
];
const INCREMENT_RATE = 0.6;
const COUNTERS_SHARE = 4;
/** Lengths of what follows the token: mostly some bytes, now and then more than a frame's worth of the usual. */
const LENGTHS = [
  { rate: 0.9, maxBytes: 60 },
  { rate: 0.09, maxBytes: 2_000 },
  { rate: 0.01, maxBytes: 40_000 },
] as const;

/** `r0`, `r1` … are registers, `c0` … counters, a quarter of all. */
export function keyNames(keys: number): string[] {
  return Array.from({ length: keys }, (_, i) => (isCounterIndex(i) ? `c${i}` : `r${i}`));
}

const isCounterIndex = (index: number): boolean => index % COUNTERS_SHARE === COUNTERS_SHARE - 1;
export const isCounter = (key: string): boolean => key.startsWith('c');

/** The stream of operations of all clients. */
export class Workload {
  private writes = 0;

  constructor(
    private readonly rng: SimRng,
    private readonly keys: readonly string[],
  ) {}

  next(): Operation {
    const key = this.rng.pick(this.keys);
    if (!isCounter(key)) return this.onRegister(key);
    return this.rng.chance(INCREMENT_RATE) ? { kind: 'increment', key, argument: 1 } : readOf(key);
  }

  private onRegister(key: string): Operation {
    let percent = this.rng.between(0, 100);
    const kind = OF_REGISTERS.find(([, share]) => (percent -= share) < 0)?.[0] ?? 'read';
    if (kind === 'read' || kind === 'delete') return { kind, key, argument: null };
    return { kind, key, argument: tokenFor(key, ++this.writes, this.fillingBytes()) };
  }

  private fillingBytes(): number {
    let share = this.rng.fraction();
    const { maxBytes } = LENGTHS.find(({ rate }) => (share -= rate) < 0) ?? LENGTHS[0];
    return this.rng.below(maxBytes + 1);
  }
}

export const readOf = (key: string): Operation => ({ kind: 'read', key, argument: null });

/** The command's bytes. */
export function encodeOperation(operation: Operation): Uint8Array {
  return encodeCommand(wordsOf(operation).map(latin1Bytes));
}

function wordsOf({ kind, key, argument }: Operation): string[] {
  switch (kind) {
    case 'read':
      return ['GET', key];
    case 'write':
      return ['SET', key, valueOf(String(argument))];
    case 'delete':
      return ['DEL', key];
    case 'set-if-absent':
      return ['SET', key, valueOf(String(argument)), 'NX'];
    case 'increment':
      return ['INCR', key];
  }
}
