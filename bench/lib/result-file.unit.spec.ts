import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { MachineFacts } from './machine.js';
import { busyWarning } from './machine.js';
import { resultFileName, writeResult } from './result-file.js';

const machine: MachineFacts = {
  cpuModel: 'a processor',
  cores: 2,
  memoryBytes: 2 ** 30,
  kernel: '6.1',
  node: 'v24.0.0',
  versions: {},
  commit: '1a2b3c4',
  modified: false,
  loadAverage: [0.2, 1, 1],
};
const startedAt = new Date('2026-01-31T23:59:59Z');

describe('result files', () => {
  it('are named by suite, day and commit', () => {
    expect(resultFileName({ suite: 'resp', startedAt, machine })).toBe('resp-2026-01-31-1a2b3c4.json');
    const modified = { ...machine, modified: true };
    expect(resultFileName({ suite: 'resp', startedAt, machine: modified })).toBe(
      'resp-2026-01-31-1a2b3c4-modified.json',
    );
  });

  it('hold everything, with numbers as exact as they are', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hypercache-results-'));
    try {
      const path = writeResult({ suite: 'x', startedAt, machine, rate: 1234.56789, count: 12_345_678 }, folder);
      const result: unknown = JSON.parse(readFileSync(join(folder, basename(path)), 'utf8'));
      expect(result).toEqual({
        suite: 'x',
        startedAt: startedAt.toISOString(),
        machine,
        rate: 1234.57,
        count: 12_345_678,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the warning about a busy machine', () => {
  it('depends on the load per core', () => {
    expect(busyWarning(machine)).toBeUndefined();
    expect(busyWarning({ cores: 2, loadAverage: [1.5, 0, 0] })).toContain('load average 1.50 on 2 cores');
    expect(busyWarning({ cores: 32, loadAverage: [1.5, 0, 0] })).toBeUndefined();
  });
});
