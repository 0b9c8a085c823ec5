/**
 * What clients did to keys and saw: the input of all checkers here. Made for load generators, so operations are columns of
 * numbers and not objects; an operation is its id, which counts from 0.
 *
 * Times are any numbers that grow, of one clock for all clients. Two events at the same time count as concurrent: a clock
 * that is too coarse hides violations, and never makes one up.
 */
import { LINEARIZABILITY_BOUNDS } from './bounds.js';
import { integerCode, isInteger, UNRECORDED, type Value, ValueTable } from './values.js';

/**
 * A `loss` is not a client's: what held the key may have lost it at that very time (see {@link History.lose}).
 * `append` answers the value's length in characters.
 */
export const KINDS = [
  'read',
  'write',
  'delete',
  'set-if-absent',
  'set-if-present',
  'increment',
  'append',
  'loss',
] as const;
export type KindName = (typeof KINDS)[number];
export type OperationKind = Exclude<KindName, 'loss'>;

export const KIND = { read: 0, write: 1, delete: 2, setIfAbsent: 3, setIfPresent: 4, increment: 5, append: 6, loss: 7 };

/**
 * - `ok`: it was executed between its invocation and its completion;
 * - `failed`: it certainly was not, and never will be;
 * - `unknown`: it may be executed at any time from its invocation on, after its completion too, or never.
 */
export const OUTCOMES = ['unknown', 'ok', 'failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];
const [UNKNOWN, OK] = [0, 1];

export const LEVELS = ['ONE', 'QUORUM', 'ALL'] as const;
export type Level = (typeof LEVELS)[number];

/** A value for reads, a length for `append`, whether anything was done for deletes and conditional sets. */
export type Result = Value | boolean | undefined;

export class History {
  readonly values = new ValueTable();
  private readonly keyNames: string[] = [];
  private readonly keyNumbers = new Map<string, number>();
  readonly keys: number[] = [];
  readonly clients: number[] = [];
  readonly kinds: number[] = [];
  /** Codes of values: what is written, added or appended, and what was answered. */
  readonly argumentCodes: number[] = [];
  readonly resultCodes: number[] = [];
  readonly outcomes: number[] = [];
  readonly levels: number[] = [];
  readonly invokedAt: number[] = [];
  /** Infinity where there was no completion. */
  readonly completedAt: number[] = [];

  get size(): number {
    return this.keys.length;
  }

  get keyCount(): number {
    return this.keyNames.length;
  }

  /** Answers the operation's id. `argument` is what is written or appended, or an increment's integer; else null. */
  invoke(
    client: number,
    kind: OperationKind,
    key: string,
    argument: Value,
    atTime: number,
    level: Level = 'ONE',
  ): number {
    if (kind === 'increment' && !isInteger(argument)) throw new RangeError(`an increment by ${String(argument)}`);
    if (!Number.isInteger(client) || client < 0) throw new RangeError(`client ${client}`);
    return this.add(client, kind, key, argument, atTime, level);
  }

  /** Without this an operation's outcome is unknown. Of other outcomes than `ok` the result says nothing. */
  complete(id: number, outcome: Outcome, result: Result, atTime: number): void {
    if (!(id >= 0 && id < this.size)) throw new RangeError(`there is no operation ${id}`);
    if (this.completedAt[id] !== Infinity) throw new RangeError(`operation ${id} is completed already`);
    if (!(atTime >= this.invokedAt[id] && atTime < Infinity)) {
      throw new RangeError(`completed at ${atTime}, invoked at ${this.invokedAt[id]}`);
    }
    if (outcome === 'ok') this.resultCodes[id] = this.resultCode(this.kinds[id], result);
    this.outcomes[id] = OUTCOMES.indexOf(outcome);
    this.completedAt[id] = atTime;
  }

  /** The key may have become absent at this very time: a crash took all that was stored, or it was evicted. */
  lose(key: string, atTime: number): void {
    this.completedAt[this.add(-1, 'loss', key, null, atTime, 'ONE')] = atTime;
  }

  keyOf(id: number): string {
    return this.keyNames[this.keys[id]];
  }

  kindOf(id: number): KindName {
    return KINDS[this.kinds[id]];
  }

  isOk(id: number): boolean {
    return this.outcomes[id] === OK;
  }

  isUnknown(id: number): boolean {
    return this.outcomes[id] === UNKNOWN;
  }

  argumentOf(id: number): string | null {
    return this.values.textOf(this.argumentCodes[id]);
  }

  /** As `complete` was given it, but that integers of reads come back as text. */
  resultOf(id: number): Result {
    const code = this.resultCodes[id];
    if (code === UNRECORDED) return undefined;
    switch (this.kinds[id]) {
      case KIND.read:
        return this.values.textOf(code);
      case KIND.increment:
      case KIND.append:
        return code / 2;
      default:
        return code === TRUE;
    }
  }

  /** Ids of every key's operations, in the order of ids. */
  idsByKey(): ReadonlyMap<string, readonly number[]> {
    const ids = new Map<string, number[]>(this.keyNames.map((name) => [name, []]));
    const lists = [...ids.values()];
    this.keys.forEach((key, id) => lists[key].push(id));
    return ids;
  }

  private add(client: number, kind: KindName, key: string, argument: Value, atTime: number, level: Level): number {
    if (this.size >= LINEARIZABILITY_BOUNDS.maxOperations) throw new RangeError(`more than ${this.size} operations`);
    if (!Number.isFinite(atTime)) throw new RangeError(`invoked at ${atTime}`);
    this.clients.push(client);
    this.kinds.push(KINDS.indexOf(kind));
    this.argumentCodes.push(this.values.codeOf(argument));
    this.resultCodes.push(UNRECORDED);
    this.outcomes.push(UNKNOWN);
    this.levels.push(LEVELS.indexOf(level));
    this.invokedAt.push(atTime);
    this.completedAt.push(Infinity);
    return this.keys.push(this.keyNumber(key)) - 1;
  }

  private keyNumber(key: string): number {
    const known = this.keyNumbers.get(key);
    if (known !== undefined) return known;
    const number = this.keyNames.push(key) - 1;
    this.keyNumbers.set(key, number);
    return number;
  }

  private resultCode(kind: number, result: Result): number {
    switch (kind) {
      case KIND.read:
        if (typeof result !== 'boolean' && result !== undefined) return this.values.codeOf(result);
        break;
      case KIND.write:
        return UNRECORDED;
      case KIND.increment:
      case KIND.append:
        if (isInteger(result)) return integerCode(result);
        break;
      default:
        if (typeof result === 'boolean') return result ? TRUE : FALSE;
        if (kind === KIND.delete && result === undefined) return UNRECORDED;
    }
    throw new RangeError(`${KINDS[kind]} cannot answer ${String(result)}`);
  }
}

const FALSE = integerCode(0);
export const TRUE = integerCode(1);
