import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MachineFacts } from '../lib/machine.js';
import { newestResult } from './stored-results.js';
import { CHARTED_SUITES, type ChartedResult, writeChart } from './write-chart.js';

const machine: MachineFacts = {
  cpuModel: 'a processor',
  cores: 2,
  memoryBytes: 1,
  kernel: 'k',
  node: 'v24',
  versions: {},
  commit: '1a2b3c4',
  modified: false,
  loadAverage: [0, 0, 0],
};

const policyResult = (trace: string, policy: string, cacheBytes: number, misses: number) => ({
  trace,
  policy,
  cacheBytes,
  requests: 100,
  misses,
  nsPerRequest: 100,
});
const SECTIONS: Readonly<Record<string, Record<string, unknown>>> = {
  eviction: {
    results: ['zipf', 'loop'].flatMap((trace) => [
      policyResult(trace, 'sieve', 2 ** 27, 40),
      policyResult(trace, 'lru', 2 ** 27, 60),
    ]),
  },
  memory: {
    residents: [
      { server: 'hypercache', expiring: false, perKey: 10.25, warmBytes: 1, endBytes: 2 },
      { server: 'redis', expiring: true, perKey: 81.5, warmBytes: 1, endBytes: 2 },
    ],
  },
  'memory-churn': { cleaning: [0.7, 0.95].map((fill) => ({ fill, movedPerWritten: fill / 2 })) },
};
const resultOf = (suite: string): ChartedResult => ({
  suite,
  machine,
  startedAt: '2026-01-31T12:00:00.000Z',
  ...SECTIONS[suite],
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hypercache-charts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const draw = async (suite: string): Promise<string> => {
  await writeChart(resultOf(suite), folder);
  const [file] = readdirSync(folder);
  return readFileSync(join(folder, file), 'utf8');
};

describe('charts', () => {
  it.each(CHARTED_SUITES)('of %s are the same bytes each time', async (suite) => {
    expect(await draw(suite)).toBe(await draw(suite));
  });

  it.each(CHARTED_SUITES)('of %s name where they come from', async (suite) => {
    expect(await draw(suite)).toContain('2026-01-31, commit 1a2b3c4, a processor');
  });

  it.each(CHARTED_SUITES)('of %s have no colour that a dark reader would not replace', async (suite) => {
    const svg = await draw(suite);
    const [, style] = /<style>(.*?)<\/style>/.exec(svg) ?? [];
    const used = new Set([...svg.matchAll(/(?:fill|stroke)="([^"]*)"/g)].map(([, color]) => color));
    used.delete('none');
    used.delete('transparent');
    expect(used.size).toBeGreaterThan(1);
    for (const color of used) expect(style).toContain(`[fill="${color}"]`);
  });

  it('draw bars that can be seen', async () => {
    for (const suite of ['eviction', 'memory']) {
      const bars = [...(await draw(suite)).matchAll(/aria-roledescription="bar" d="M[^hv]*h([\d.]+)v([\d.]+)/g)];
      expect(bars.length).toBeGreaterThan(1);
      for (const [, width, height] of bars) expect(Math.min(Number(width), Number(height))).toBeGreaterThan(10);
      for (const file of readdirSync(folder)) rmSync(join(folder, file));
    }
  });

  it('show the figures', async () => {
    const svg = await draw('memory');
    expect(svg).toContain('>81.5<');
    expect(svg).toContain('>redis<');
  });

  it('are those of the suites that have some', async () => {
    expect(await writeChart(resultOf('resp'), folder)).toEqual([]);
  });
});

describe('stored results', () => {
  it('are the newest of a suite', () => {
    const write = (name: string, startedAt: string): void =>
      writeFileSync(join(folder, name), JSON.stringify({ ...resultOf('memory'), startedAt }));
    write('memory-2026-01-31-aaaaaaa.json', '2026-01-31T09:00:00.000Z');
    write('memory-2026-01-31-bbbbbbb.json', '2026-01-31T10:00:00.000Z');
    write('memory-churn-2026-02-01-ccccccc.json', '2026-02-01T10:00:00.000Z');
    expect(newestResult('memory', folder)?.startedAt).toBe('2026-01-31T10:00:00.000Z');
    expect(newestResult('eviction', folder)).toBeUndefined();
    expect(newestResult('memory', join(folder, 'none'))).toBeUndefined();
  });
});
