/** Medians of the engine suite's rounds, and how they are printed. */
import { median } from '../lib/statistics.js';
import { formatCount, formatFixed, formatRatio, formatTable, left, right } from '../lib/table.js';
import { PHASES, SUBJECTS, type Measurement, type PhaseName, type SubjectName } from './measurement.js';

export interface EngineSummary {
  readonly subject: SubjectName;
  readonly opsPerSecond: Readonly<Record<PhaseName, number>>;
  readonly overheadBytes: Measurement['overheadBytes'];
}

const MEASURES = ['used', 'reserved', 'javascript', 'resident'] as const;

export function summarizeEngine(measurements: readonly Measurement[]): readonly EngineSummary[] {
  return SUBJECTS.map((subject) => {
    const own = measurements.filter((one) => one.subject === subject);
    const rates = PHASES.map((phase) => [phase, median(own.map((one) => one.opsPerSecond[phase]))] as const);
    const bytes = MEASURES.flatMap((measure) => {
      const values = own.flatMap((one) => one.overheadBytes[measure] ?? []);
      return values.length === 0 ? [] : [[measure, median(values)] as const];
    });
    return {
      subject,
      opsPerSecond: Object.fromEntries(rates) as Record<PhaseName, number>,
      overheadBytes: Object.fromEntries(bytes) as unknown as Measurement['overheadBytes'],
    };
  });
}

export function engineText(summaries: readonly EngineSummary[]): string {
  const [engine, map] = SUBJECTS.map((name) => summaries.find(({ subject }) => subject === name)!);
  const speeds = PHASES.map((phase) => {
    const [own, other] = [engine.opsPerSecond[phase], map.opsPerSecond[phase]];
    return [phase, formatCount(own), formatCount(other), formatRatio(own / other)];
  });
  const bytes = MEASURES.map((measure) => {
    const cells = [engine, map].map(({ overheadBytes }) => overheadBytes[measure]);
    return [measure, ...cells.map((value) => (value === undefined ? '' : formatFixed(value, 1)))];
  });
  const columns = [right('StoreEngine'), right('Map')];
  return [
    'Operations per second in one thread (medians of the rounds)\n',
    formatTable([left('phase'), ...columns, right('of Map')], speeds),
    '\nOverhead in bytes per key, beyond key and value\n',
    formatTable([left('measure'), ...columns], bytes),
  ].join('\n');
}
