import { inWordsOf } from './store-fault-words.js';

describe('faults in other words', () => {
  const words = { memoryLimitBytes: 'MAXMEMORY', 'filter.nearStalenessMs': 'NEAR', policy: 'POLICY' };

  it.each([
    ['memoryLimitBytes 5: use 0', 'MAXMEMORY 5: use 0'],
    ['memoryLimitBytes 5: use 0; filter.nearStalenessMs 1: use 0', 'MAXMEMORY 5: use 0; NEAR 1: use 0'],
    ['policy "session": needs memoryLimitBytes', 'POLICY "session": needs memoryLimitBytes'],
    ['idleTtlMs 5: use 0', 'idleTtlMs 5: use 0'],
    ['constructor 5: x', 'constructor 5: x'],
  ])('%s', (reason, told) => expect(inWordsOf(words, reason)).toBe(told));
});
