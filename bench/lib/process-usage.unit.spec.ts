import { parseResidentBytes, parseStat } from './process-usage.js';

const REST = 'S 1 2 3 4 5 6 7 8 9 10 150 50 30 20 20 0 11 0 1000';

describe('/proc', () => {
  it('gives the processor time of a process and of its children', () => {
    expect(parseStat(`4711 (node) ${REST}`)).toEqual({ ownMs: 2_000, childrenMs: 500 });
  });

  it('may hold any name of a command', () => {
    expect(parseStat(`4711 (a) b ( 9 9) ${REST}`).ownMs).toBe(2_000);
  });

  it('gives the resident size', () => {
    expect(parseResidentBytes('Name:\tnode\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\nThreads:\t7\n')).toBe(1_048_576);
  });

  it('is refused when it is something else', () => {
    expect(() => parseStat('4711 (node) S 1')).toThrow('not the text');
    expect(() => parseResidentBytes('Name:\tkthreadd\n')).toThrow('no resident size');
  });
});
