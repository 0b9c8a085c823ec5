import { PHASES, type Measurement, type PhaseName, type SubjectName } from './measurement.js';
import { engineText, summarizeEngine } from './report.js';

function measurement(subject: SubjectName, rate: number): Measurement {
  const memory = { javascript: rate, resident: rate };
  return {
    subject,
    opsPerSecond: {
      ...(Object.fromEntries(PHASES.map((phase) => [phase, rate])) as Record<PhaseName, number>),
      hit: 2 * rate,
    },
    overheadBytes: subject === 'engine' ? { used: rate, ...memory } : memory,
  };
}

describe('the report of the engine suite', () => {
  it('compares the medians of the rounds', () => {
    const rounds = [30, 10, 20].flatMap((rate) => [measurement('engine', rate), measurement('map', rate / 2)]);
    const summaries = summarizeEngine(rounds);
    expect(summaries[0].opsPerSecond).toMatchObject({ insert: 20, overwrite: 20, hit: 40, 'miss in batches': 20 });
    expect(summaries[1].overheadBytes).toEqual({ javascript: 10, resident: 10 });
    const lines = engineText(summaries).split('\n');
    expect(lines).toContain('hit                            40   20  2.000×');
    expect(lines).toContain('used               20.0');
  });
});
