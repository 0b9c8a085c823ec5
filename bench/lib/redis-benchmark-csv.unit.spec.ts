import { parseRedisBenchmarkCsv } from './redis-benchmark-csv.js';

const TITLES =
  '"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"';

describe('the output of redis-benchmark --csv', () => {
  it('is one result per test', () => {
    const output = `${TITLES}\n"SET","338983.06","2.010","0.384","1.767","3.287","6.663","6.847"\n"GET","400000.00","1.1","0.2","1.0","2.0","3.0","4.0"\n`;
    expect(parseRedisBenchmarkCsv(output)).toEqual([
      {
        test: 'SET',
        opsPerSecond: 338_983.06,
        averageMs: 2.01,
        p50Ms: 1.767,
        p95Ms: 3.287,
        p99Ms: 6.663,
        maxMs: 6.847,
      },
      { test: 'GET', opsPerSecond: 400_000, averageMs: 1.1, p50Ms: 1, p95Ms: 2, p99Ms: 3, maxMs: 4 },
    ]);
  });

  it('may hold warnings, and commas in names of tests', () => {
    const output = `WARNING: Could not fetch server CONFIG\r\n${TITLES}\r\n"LRANGE_100 (first 100, of many)","1","2","3","4","5","6","7"\r\n`;
    expect(parseRedisBenchmarkCsv(output).map(({ test }) => test)).toEqual(['LRANGE_100 (first 100, of many)']);
  });

  it.each([
    ['nothing', ''],
    ['titles alone', TITLES],
    ['an error', 'Error from server: ERR unknown command'],
    ['other columns', '"test","rps"\n"SET","1"'],
  ])('with %s is refused and quoted', (_what, output) => {
    expect(() => parseRedisBenchmarkCsv(output)).toThrow(`gave no results: ${output}`);
  });

  it.each(['"SET","fast","1","1","1","1","1","1"', '"SET","1"', '"SET","","1","1","1","1","1","1"'])(
    'with the line %s is refused',
    (line) => expect(() => parseRedisBenchmarkCsv(`${TITLES}\n${line}`)).toThrow('odd line'),
  );
});
