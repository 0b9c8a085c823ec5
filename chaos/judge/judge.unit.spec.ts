import { addLine, History, SIMULATED_LOAD, simulateHistory } from '#libs/linearizability';
import { SimRng } from '#libs/simulator';
import type { Fault } from '../nemesis/fault.js';
import { Journal } from '../nemesis/journal.js';
import { judge } from './judge.js';

const KILL: Fault = { kind: 'kill', targets: ['storage-1'], delayMs: 0, lastsMs: 100 };

function historyOf(...operations: readonly object[]): History {
  const history = new History();
  for (const operation of operations) addLine(history, JSON.stringify({ client: 0, outcome: 'ok', ...operation }));
  return history;
}

/** A journal with one kill between two times. */
function killedBetween(fromMs: number, untilMs: number): Journal {
  let nowMs = fromMs;
  const journal = new Journal(() => nowMs);
  const entry = journal.begin(KILL);
  nowMs = untilMs;
  journal.healed(entry);
  return journal;
}

const quiet = new Journal(() => 0);
const write = (argument: string, invoked: number, completed: number): object =>
  ({ kind: 'write', key: 'r0', argument, invoked, completed }); // prettier-ignore
const read = (result: string | null, invoked: number, completed: number): object =>
  ({ kind: 'read', key: 'r0', result, invoked, completed }); // prettier-ignore

describe('judge', () => {
  it('finds nothing in what is in order', () => {
    const history = historyOf(write('r0.1.0', 1, 2), read('r0.1.0', 3, 4), write('r0.2.0', 5, 6), read('r0.2.0', 7, 8));
    expect(judge(history, quiet)).toEqual({ keys: 1, findings: [], acknowledged: 2 });
  });

  it('finds nothing in simulated histories, whatever was left unanswered', () => {
    for (let seed = 0; seed < 20; seed++) {
      const rng = new SimRng(seed);
      const kinds = ['read', 'write', 'delete', 'set-if-absent'] as const;
      const load = { ...SIMULATED_LOAD, operations: 300, keys: 5, kinds, unanswered: 0.1, dropped: 0.05 };
      const { findings } = judge(
        simulateHistory(load, () => rng.fraction()),
        quiet,
      );
      // Nobody reads its keys in the end; and a client of it goes on while an operation that was not answered may yet come.
      expect(findings.filter((text) => !/were not read in the end|Without the order/.test(text))).toEqual([]);
    }
  });

  it('lets a write of unknown outcome happen, or not, or late', () => {
    const unknown = { client: 1, kind: 'write', key: 'r0', argument: 'r0.2.0', invoked: 3, outcome: 'unknown' };
    const first = write('r0.1.0', 1, 2);
    expect(judge(historyOf(first, unknown, read('r0.1.0', 5, 6)), quiet).findings).toEqual([]);
    expect(judge(historyOf(first, unknown, read('r0.2.0', 5, 6)), quiet).findings).toEqual([]);
    expect(judge(historyOf(first, unknown, read('r0.1.0', 5, 6), read('r0.2.0', 7, 8)), quiet).findings).toEqual([]);
  });

  it('finds an acknowledged write that is gone, and names the fault', () => {
    const history = historyOf(write('r0.1.0', 1, 2), write('r0.2.0', 3, 4), read('r0.1.0', 50, 51));
    const { findings } = judge(history, killedBetween(10, 20));
    expect(findings).toHaveLength(2);
    expect(findings[0]).toMatch(/^key "r0" is not linearizable/);
    expect(findings[0]).toMatch(/kill storage-1/);
    expect(findings[1]).toBe('acknowledged writes are lost: 1 of r0');
  });

  it('says where no fault explains it', () => {
    const { findings } = judge(historyOf(write('r0.1.0', 1, 2), read(null, 3, 4)), killedBetween(10, 20));
    expect(findings[0]).toMatch(/No fault overlaps that time/);
  });

  it('finds a write that came after it was refused', () => {
    const refused = { ...write('r0.1.0', 1, 2), outcome: 'failed' };
    expect(judge(historyOf(refused, read('r0.1.0', 3, 4)), quiet).findings[0]).toMatch(/not linearizable/);
  });

  it('finds lost and doubled increments', () => {
    const increment = (result: number, at: number): object =>
      ({ kind: 'increment', key: 'c1', argument: 1, invoked: at, completed: at + 1, result }); // prettier-ignore
    const counter = (result: string): object => ({ ...read(result, 9, 10), key: 'c1' });
    expect(judge(historyOf(increment(1, 1), increment(2, 3), counter('2')), quiet).findings).toEqual([]);
    expect(judge(historyOf(increment(1, 1), increment(1, 3), counter('1')), quiet).findings).not.toEqual([]);
    expect(judge(historyOf(increment(1, 1), increment(3, 3), counter('3')), quiet).findings).not.toEqual([]);
  });

  it('finds values of other keys, and broken ones', () => {
    const others = historyOf(write('r0.1.0', 1, 2), read('r9.4.0', 3, 4), read('r0.1.0', 5, 6));
    expect(judge(others, quiet).findings).toContain('#1 read "r9.4.0" from r0: that was written to r9');
    const broken = historyOf(write('r0.1.0', 1, 2), read('broken: x', 3, 4), read('r0.1.0', 5, 6));
    expect(judge(broken, quiet).findings).toContain('#1 read "broken: x" from r0: nobody wrote that');
  });

  it('holds pipelines to their order', () => {
    const history = historyOf(write('r0.1.0', 1, 9), write('r0.2.0', 2, 10), read('r0.1.0', 11, 12));
    const { findings } = judge(history, quiet);
    expect(findings[0]).toMatch(/Without the order of pipelined operations it would be linearizable/);
  });

  it('demands a last look at every key', () => {
    const { findings } = judge(historyOf(write('r0.1.0', 1, 2)), quiet);
    expect(findings).toEqual(['1 keys were not read in the end, so nobody knows what they hold']);
  });
});
