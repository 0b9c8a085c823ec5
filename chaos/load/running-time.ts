/**
 * Time in which this program ran. On a busy machine, or where somebody stops all processes for a while, it may stand still
 * together with the cluster; then nobody was slow.
 */
const TICK_MS = 500;

/** Calls back after so much time; a tick counts once, however long it took. Answers what calls it off. */
export function afterRunning(ms: number, callback: () => void): () => void {
  let left = Math.ceil(ms / TICK_MS);
  const timer = setInterval(() => {
    if (--left > 0) return;
    clearInterval(timer);
    callback();
  }, TICK_MS);
  return () => clearInterval(timer);
}

/** Notes how long this program has stood still at the most, until it is stopped. */
export class StallWatch {
  longestMs = 0;
  private lastMs = performance.now();
  private readonly timer = setInterval(() => {
    const nowMs = performance.now();
    this.longestMs = Math.max(this.longestMs, nowMs - this.lastMs - TICK_MS);
    this.lastMs = nowMs;
  }, TICK_MS);

  stop(): void {
    clearInterval(this.timer);
  }
}
