/**
 * What a link knows about each group that its replica holds, as arrays by group, and which of them wait for something.
 *
 * | state | records of each turn | goes on |
 * |---|---|---|
 * | none | not sent | `add` |
 * | live | sent | a refusal |
 * | resuming | not sent | with the next turn: live, from this node's last record on |
 * | behind | not sent | when its turn comes to read the log |
 * | tail | held back while the log is read | live, or outdated |
 * | outdated | not sent | when its turn comes to be copied |
 * | copying | sent | live |
 * | paused | not sent | resuming, after a while |
 * | sealed | not sent | `add` under a later epoch |
 */
import type { Position } from '#libs/ownership';

export const LINK_STATES = {
  none: 0,
  live: 1,
  resuming: 2,
  behind: 3,
  tail: 4,
  outdated: 5,
  copying: 6,
  paused: 7,
  sealed: 8,
} as const;

export type LinkStateName = keyof typeof LINK_STATES;
export type LinkState = (typeof LINK_STATES)[LinkStateName];

const NEVER = Infinity;

export class LinkGroups {
  readonly states: Uint8Array;
  /** Under which this node is the group's primary. */
  readonly epochs: Uint32Array;
  /** The frame with which the replica was last to begin: what it says about earlier ones is history. */
  readonly begunAt: Float64Array;
  /** From this frame on acknowledgements mean that the replica has the group's log. */
  readonly countsFrom: Float64Array;
  readonly resuming = new Set<number>();
  /** With the replica's last record. */
  readonly behind = new Map<number, Position>();
  readonly outdated = new Set<number>();
  /** Until when. */
  readonly paused = new Map<number, number>();
  private readonly counts = new Uint32Array(Object.keys(LINK_STATES).length);

  constructor(readonly groupCount: number) {
    this.states = new Uint8Array(groupCount);
    this.epochs = new Uint32Array(groupCount);
    this.begunAt = new Float64Array(groupCount);
    this.countsFrom = new Float64Array(groupCount).fill(NEVER);
    this.counts[LINK_STATES.none] = groupCount;
  }

  countOf(state: LinkState): number {
    return this.counts[state];
  }

  /** Groups of the replica that what is sent now does not bring up to date by itself. */
  get lacking(): number {
    return this.groupCount - this.counts[LINK_STATES.none] - this.counts[LINK_STATES.live];
  }

  setNone(group: number): void {
    this.move(group, LINK_STATES.none);
  }

  /** The replica is to begin with this frame, and follows from then on. */
  setLive(group: number, frame: number): void {
    this.move(group, LINK_STATES.live);
    this.begunAt[group] = frame;
    this.countsFrom[group] = frame;
  }

  setResuming(group: number): void {
    this.move(group, LINK_STATES.resuming);
    this.resuming.add(group);
  }

  setBehind(group: number, last: Position): void {
    this.move(group, LINK_STATES.behind);
    this.behind.set(group, last);
  }

  setTail(group: number): void {
    this.move(group, LINK_STATES.tail);
  }

  /** The tail's records begin with this frame. */
  beginTail(group: number, frame: number): void {
    this.begunAt[group] = frame;
    this.countsFrom[group] = frame;
  }

  /** The tail has reached what is sent now. */
  endTail(group: number): void {
    this.move(group, LINK_STATES.live, this.countsFrom[group]);
  }

  setOutdated(group: number): void {
    this.move(group, LINK_STATES.outdated);
    this.outdated.add(group);
  }

  setCopying(group: number, frame: number): void {
    this.move(group, LINK_STATES.copying);
    this.begunAt[group] = frame;
  }

  /** The copy is whole with this frame. */
  endCopy(group: number, frame: number): void {
    this.move(group, LINK_STATES.live, frame);
  }

  setPaused(group: number, untilMs: number): void {
    this.move(group, LINK_STATES.paused);
    this.paused.set(group, untilMs);
  }

  setSealed(group: number): void {
    this.move(group, LINK_STATES.sealed);
  }

  /** Whatever was under way with this replica has ended. */
  resumeAll(): void {
    const { none, sealed } = LINK_STATES;
    for (let group = 0; group < this.groupCount; group++) {
      const state = this.states[group];
      if (state !== none && state !== sealed) this.setResuming(group);
    }
  }

  private move(group: number, state: LinkState, countsFrom = NEVER): void {
    this.forgetWait(group);
    this.counts[this.states[group]]--;
    this.counts[state]++;
    this.states[group] = state;
    this.countsFrom[group] = countsFrom;
  }

  private forgetWait(group: number): void {
    this.resuming.delete(group);
    this.behind.delete(group);
    this.outdated.delete(group);
    this.paused.delete(group);
  }
}
