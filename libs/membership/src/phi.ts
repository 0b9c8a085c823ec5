/**
 * The suspicion level of the phi accrual failure detector (Hayashibara, Défago, Yared, Katayama: "The phi accrual
 * failure detector", 2004): phi = -log10 of the probability that a heartbeat comes later than after so much silence,
 * where intervals are normally distributed. The tail of the normal distribution is taken from the logistic
 * approximation of Bowling and others (2009), whose exponent keeps phi finite and growing however long the silence is;
 * five deviations off it is an eighth too suspicious.
 */
const LINEAR = 1.5976;
const CUBIC = 0.070566;
/** Above this exponent e^x is so much more than 1 that log(1 + e^x) is x. */
const LARGE_EXPONENT = 36;

/** Times in milliseconds; `stdMs` is more than 0. The answer is 0 or more, and never falls while `silentMs` grows. */
export function phiOf(silentMs: number, meanMs: number, stdMs: number): number {
  const deviations = (silentMs - meanMs) / stdMs;
  const exponent = deviations * (LINEAR + CUBIC * deviations * deviations);
  return exponent > LARGE_EXPONENT ? exponent / Math.LN10 : Math.log1p(Math.exp(exponent)) / Math.LN10;
}
