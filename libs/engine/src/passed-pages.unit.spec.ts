import { PassedPages } from './passed-pages.js';

function takeAll(passed: PassedPages): [number, number][] {
  const taken: [number, number][] = [];
  while (passed.take()) taken.push([passed.shard, passed.page]);
  return taken;
}

describe('pages that a hand has left', () => {
  it('come back in the order in which they were left', () => {
    const passed = new PassedPages();
    expect(passed.take()).toBe(false);
    passed.note(16, 3);
    passed.note(32, 0);
    expect(takeAll(passed)).toEqual([
      [16, 3],
      [32, 0],
    ]);
  });

  it('are forgotten, the oldest first, where nobody takes them', () => {
    const passed = new PassedPages();
    for (let page = 0; page < 50; page++) passed.note(0, page);
    const taken = takeAll(passed).map(([, page]) => page);
    expect(taken.length).toBeLessThan(50);
    expect(taken).toEqual(Array.from({ length: taken.length }, (_, i) => 50 - taken.length + i));
  });
});
