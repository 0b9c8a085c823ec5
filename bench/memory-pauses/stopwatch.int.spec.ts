import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Stopwatch } from './stopwatch.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Keeps the processor busy, so that the time is a long operation's. */
function work(ms: number): void {
  for (const endMs = performance.now() + ms; performance.now() < endMs;);
}

describe('a stopwatch', () => {
  it('tells operations during a garbage collection from others', async () => {
    const times = new Float32Array(2);
    const stopwatch = new Stopwatch(times);
    for (const [index, operation] of [() => work(2), collectGarbage].entries()) {
      await stopwatch.settle();
      const startMs = performance.now();
      operation();
      stopwatch.note(index, startMs, performance.now());
    }
    await stopwatch.settle();
    stopwatch.stop();
    expect(times[0]).toBeGreaterThanOrEqual(2000);
    expect(times[1]).toBeLessThan(0);
  });
});
