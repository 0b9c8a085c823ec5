/** The few statistics that benchmarks report. All refuse an empty list: a median of nothing is a mistake, not a zero. */

function sorted(values: readonly number[]): number[] {
  if (values.length === 0) throw new RangeError('statistics of no values');
  return values.toSorted((a, b) => a - b);
}

/** The middle value; the mean of the two middle ones for an even count. */
export function median(values: readonly number[]): number {
  const ordered = sorted(values);
  const middle = ordered.length >>> 1;
  return ordered.length % 2 === 1 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2;
}

/** The value that `percent` per cent of the values do not exceed (nearest rank). */
export function percentile(values: readonly number[], percent: number): number {
  if (!(percent >= 0 && percent <= 100)) throw new RangeError('percent out of range');
  const ordered = sorted(values);
  return ordered[Math.max(Math.ceil((percent / 100) * ordered.length) - 1, 0)];
}

/** The mean of ratios: independent of which side of each is the denominator. All values must be positive. */
export function geometricMean(values: readonly number[]): number {
  const logarithms = sorted(values).map((value) => {
    if (!(value > 0)) throw new RangeError('geometric mean of a value that is not positive');
    return Math.log(value);
  });
  return Math.exp(logarithms.reduce((sum, value) => sum + value, 0) / logarithms.length);
}

/** (largest − smallest) / median: how much the rounds differed. */
export function relativeSpread(values: readonly number[]): number {
  const ordered = sorted(values);
  const middle = median(values);
  return middle === 0 ? 0 : (ordered[ordered.length - 1] - ordered[0]) / middle;
}
