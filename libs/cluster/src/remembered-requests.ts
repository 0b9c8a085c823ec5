/**
 * The requests for changes that were carried out last, each with the table version that holds it; the oldest go first.
 * Immutable as all of a cluster's state, and yet adding one costs the same however many there are: versions that follow on
 * each other share one tape, and each sees its window of it. Only an addition to a version that has been followed already
 * copies that window (Driscoll et al., "Making Data Structures Persistent", 1989). A copied map per event, in its place,
 * cost more than all the rest of a change.
 */
import { CLUSTER_LIMITS } from './limits.js';

const MAX_REQUESTS = CLUSTER_LIMITS.maxRememberedRequests;
/** A tape that has become so long gives way to one with its last window alone. */
const MAX_TAPE_LENGTH = 8 * MAX_REQUESTS;
const NOWHERE = -1;

/** Only grows. */
class Tape {
  readonly requestIds: string[] = [];
  readonly tableVersions: number[] = [];
  /** The place before it of the same request. */
  private readonly earlier: number[] = [];
  private readonly newest = new Map<string, number>();

  get length(): number {
    return this.requestIds.length;
  }

  add(requestId: string, tableVersion: number): void {
    this.earlier.push(this.newest.get(requestId) ?? NOWHERE);
    this.newest.set(requestId, this.length);
    this.requestIds.push(requestId);
    this.tableVersions.push(tableVersion);
  }

  /** The last place of a request before `end`. */
  placeOf(requestId: string, end: number): number {
    let place = this.newest.get(requestId) ?? NOWHERE;
    while (place >= end) place = this.earlier[place];
    return place;
  }
}

export class RememberedRequests implements Iterable<readonly [requestId: string, tableVersion: number]> {
  static readonly NONE = new RememberedRequests(new Tape(), 0, 0, 0);

  // Hidden from whoever compares the fields of two objects: only what a window shows counts.
  readonly #tape: Tape;
  readonly #begin: number;
  readonly #end: number;

  private constructor(
    tape: Tape,
    begin: number,
    end: number,
    readonly size: number,
  ) {
    this.#tape = tape;
    this.#begin = begin;
    this.#end = end;
  }

  /** The oldest first; more than may be remembered are cut. */
  static from(requests: Iterable<readonly [requestId: string, tableVersion: number]>): RememberedRequests {
    let remembered = RememberedRequests.NONE;
    for (const [requestId, tableVersion] of requests) remembered = remembered.with(requestId, tableVersion);
    return remembered;
  }

  has(requestId: string): boolean {
    return this.#tape.placeOf(requestId, this.#end) >= this.#begin;
  }

  /** The table version that holds what was asked for; undefined for a request that is not remembered. */
  get(requestId: string): number | undefined {
    const place = this.#tape.placeOf(requestId, this.#end);
    return place >= this.#begin ? this.#tape.tableVersions[place] : undefined;
  }

  /** This and one request more, which is the newest from now on. */
  with(requestId: string, tableVersion: number): RememberedRequests {
    const { length } = this.#tape;
    if (this.#end < length || length >= MAX_TAPE_LENGTH) return this.copy().with(requestId, tableVersion);
    let size = this.has(requestId) ? this.size : this.size + 1;
    this.#tape.add(requestId, tableVersion);
    const end = this.#end + 1;
    let begin = this.#begin;
    for (; size > MAX_REQUESTS; begin++) if (this.isLast(begin, end)) size--;
    return new RememberedRequests(this.#tape, begin, end, size);
  }

  *[Symbol.iterator](): IterableIterator<readonly [requestId: string, tableVersion: number]> {
    const { requestIds, tableVersions } = this.#tape;
    for (let place = this.#begin; place < this.#end; place++) {
      if (this.isLast(place, this.#end)) yield [requestIds[place], tableVersions[place]];
    }
  }

  /** The request of a place has none later before `end`. */
  private isLast(place: number, end: number): boolean {
    return this.#tape.placeOf(this.#tape.requestIds[place], end) === place;
  }

  private copy(): RememberedRequests {
    const tape = new Tape();
    for (const [requestId, tableVersion] of this) tape.add(requestId, tableVersion);
    return new RememberedRequests(tape, 0, tape.length, this.size);
  }
}
