/**
 * What a replica has agreed on with one primary about each group, as arrays by group. A session begins with a record of a later
 * epoch, or with the primary saying where it goes on; it ends with a refusal. Nothing of it outlives the link.
 */
export const SESSION_STATES = { open: 0, copying: 1, refused: 2 } as const;

const NEVER = Infinity;

export class GroupSessions {
  /** Of the primary; 0 before it has said anything. */
  readonly epochs: Uint32Array;
  readonly states: Uint8Array;
  /** The frame with which the session began: what was taken before is part of an earlier one. */
  readonly begunAt: Float64Array;
  /** The first frame that was refused in the session. */
  readonly refusedFrom: Float64Array;

  constructor(groupCount: number) {
    this.epochs = new Uint32Array(groupCount);
    this.states = new Uint8Array(groupCount);
    this.begunAt = new Float64Array(groupCount);
    this.refusedFrom = new Float64Array(groupCount).fill(NEVER);
  }

  /** Whether what a primary of this epoch sends is of no interest until it begins anew. */
  isDeaf(group: number, epoch: number): boolean {
    return this.states[group] === SESSION_STATES.refused && epoch <= this.epochs[group];
  }

  /** Whether what was taken in this frame is part of the session, and not refused yet. */
  isOpenAt(group: number, frame: number): boolean {
    return frame >= this.begunAt[group] && frame < this.refusedFrom[group];
  }

  begin(group: number, epoch: number, state: number, frame: number): void {
    this.epochs[group] = epoch;
    this.states[group] = state;
    this.begunAt[group] = frame;
    this.refusedFrom[group] = NEVER;
  }

  refuse(group: number, frame: number): void {
    this.states[group] = SESSION_STATES.refused;
    this.refusedFrom[group] = frame;
  }

  clear(): void {
    this.epochs.fill(0);
    this.states.fill(SESSION_STATES.open);
    this.begunAt.fill(0);
    this.refusedFrom.fill(NEVER);
  }
}
