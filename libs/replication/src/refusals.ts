/** What a replica has refused and its primary has not said that it knows, in order of frames. */
import type { Refusal } from './acknowledgement.js';

export class Refusals {
  private refusals: Refusal[] = [];

  get count(): number {
    return this.refusals.length;
  }

  add(refusal: Refusal): void {
    const { refusals } = this;
    let at = refusals.length;
    while (at > 0 && refusals[at - 1].frame > refusal.frame) at--;
    if (at === refusals.length) refusals.push(refusal);
    else refusals.splice(at, 0, refusal);
  }

  /** The primary knows what was said about frames up to this one. */
  forgetUpTo(frame: number): void {
    const { refusals } = this;
    let known = 0;
    while (known < refusals.length && refusals[known].frame <= frame) known++;
    if (known > 0) this.refusals = refusals.slice(known);
  }

  /** The last frame, up to `frame`, that one acknowledgement of so many refusals can speak of. */
  reach(frame: number, maxRefusals: number): number {
    const { refusals } = this;
    return refusals.length <= maxRefusals ? frame : Math.min(frame, refusals[maxRefusals].frame - 1);
  }

  upTo(frame: number): readonly Refusal[] {
    const { refusals } = this;
    let count = 0;
    while (count < refusals.length && refusals[count].frame <= frame) count++;
    return count === refusals.length ? refusals : refusals.slice(0, count);
  }

  clear(): void {
    this.refusals = [];
  }
}
