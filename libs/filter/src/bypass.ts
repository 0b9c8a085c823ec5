/**
 * Whether asking the filter is worth it at present. A filter makes look-ups that miss faster and those that hit slower,
 * since they read its table in vain. So a part of the look-ups is a sample: where too few of it were answered by
 * "absent", the next ones pass the filter by. Misses among those, of which the filter hears anyway, cut this short.
 */

/** Look-ups of a sample, and how many of them (one in so many) must be answered by "absent". */
const SAMPLE = 256;
const USEFUL_ONE_IN = 2;
/** Look-ups that pass by behind a sample that was not worth it: then one in seventeen asks. */
const PASSED_BY = 16 * SAMPLE;
/** So many fewer pass by for each miss among them. */
const MISS_WEIGHT = 64;

export class Bypass {
  /** Look-ups that pass by from now on. */
  private toPass = 0;
  private toSample = SAMPLE;
  private absent = 0;
  /** All that were ever to pass by. */
  private granted = 0;

  /** Whether the next look-up passes the filter by. */
  pass(): boolean {
    if (this.toPass === 0) return false;
    this.toPass--;
    return true;
  }

  /** Takes note of an answer of the filter. */
  sample(isAbsent: boolean): void {
    if (isAbsent) this.absent++;
    if (--this.toSample > 0) return;
    if (this.absent * USEFUL_ONE_IN < SAMPLE) {
      this.toPass = PASSED_BY;
      this.granted += PASSED_BY;
    }
    this.toSample = SAMPLE;
    this.absent = 0;
  }

  /** Takes note of a miss that passed by. */
  onMiss(): void {
    const cut = Math.min(this.toPass, MISS_WEIGHT);
    this.toPass -= cut;
    this.granted -= cut;
  }

  /** Look-ups that have passed by. */
  get passed(): number {
    return this.granted - this.toPass;
  }

  /** Counts {@link passed} from zero again; what is to pass by stays. */
  resetPassed(): void {
    this.granted = this.toPass;
  }
}
