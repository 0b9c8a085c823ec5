/** The output of `redis-benchmark --csv` (7.0): a line of titles, then one per test. */

export interface LoadResult {
  readonly test: string;
  readonly opsPerSecond: number;
  readonly averageMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const TITLES = [
  'test',
  'rps',
  'avg_latency_ms',
  'p50_latency_ms',
  'p95_latency_ms',
  'p99_latency_ms',
  'max_latency_ms',
];

/** Cells of a line in which every cell is quoted; undefined for other lines, such as warnings. */
function cellsOf(line: string): string[] | undefined {
  if (!/^"[^"]*"(,"[^"]*")*$/.test(line)) return undefined;
  return line.slice(1, -1).split('","');
}

/** Throws an Error that quotes the output where it holds no result. */
export function parseRedisBenchmarkCsv(output: string): readonly LoadResult[] {
  const lines = output.split(/\r?\n/).map(cellsOf);
  const [titles, ...rows] = lines.filter((cells) => cells !== undefined);
  const positions = TITLES.map((title) => titles?.indexOf(title) ?? -1);
  if (rows.length === 0 || positions.includes(-1)) {
    throw new Error(`redis-benchmark gave no results: ${output.trim().slice(0, 500)}`);
  }
  return rows.map((cells) => {
    const [test, ...numbers] = positions.map((at) => cells[at] ?? '');
    const [opsPerSecond, averageMs, p50Ms, p95Ms, p99Ms, maxMs] = numbers.map(Number);
    const result = { test, opsPerSecond, averageMs, p50Ms, p95Ms, p99Ms, maxMs };
    if (numbers.some((text) => text === '' || !Number.isFinite(Number(text)))) {
      throw new Error(`redis-benchmark gave an odd line: ${cells.join(',').slice(0, 200)}`);
    }
    return result;
  });
}
