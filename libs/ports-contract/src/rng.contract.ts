import type { Rng } from '#libs/ports';

/** The behaviour that every source of randomness shares; coarse enough never to fail by chance. */
export function rngContract(name: string, makeRng: () => Rng): void {
  describe(`rng contract: ${name}`, () => {
    it('answers unsigned 32-bit integers over the whole range', () => {
      const rng = makeRng();
      const buckets = new Uint32Array(16);
      for (let i = 0; i < 16_000; i++) {
        const word = rng.nextU32();
        expect(Number.isInteger(word) && word >= 0 && word <= 0xffff_ffff).toBe(true);
        buckets[word >>> 28]++;
      }
      // 1,000 expected in each; 13 standard deviations away is no chance.
      for (const count of buckets) expect(Math.abs(count - 1_000)).toBeLessThan(400);
    });

    it('does not repeat itself', () => {
      const rng = makeRng();
      const words = new Set(Array.from({ length: 5_000 }, () => rng.nextU32()));
      expect(words.size).toBeGreaterThan(4_990);
    });

    it.each([0, 1, 7, 16, 4_096, 100_003])('fills exactly the %i bytes it is given', (length) => {
      const rng = makeRng();
      const buffer = new Uint8Array(length + 2);
      rng.fill(buffer.subarray(1, length + 1));
      expect(buffer[0]).toBe(0);
      expect(buffer[length + 1]).toBe(0);
      if (length >= 16) expect(buffer.subarray(length - 15, length + 1).some((byte) => byte !== 0)).toBe(true);
    });

    it('fills with different bytes each time', () => {
      const rng = makeRng();
      const first = new Uint8Array(16);
      const second = new Uint8Array(16);
      rng.fill(first);
      rng.fill(second);
      expect(first).not.toEqual(second);
    });
  });
}
