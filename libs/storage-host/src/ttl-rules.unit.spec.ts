import { storeFromPreset } from '#libs/cluster';
import { utf8Bytes } from '#libs/kernel';
import { TtlRules } from './ttl-rules.js';

const NOW = 1_700_000_000_000;

function rulesOf(overrides: Partial<Parameters<typeof storeFromPreset>[1]>): TtlRules {
  return new TtlRules({ id: 1, ...storeFromPreset('general', { name: 'a', ...overrides }) });
}

function expiryOf(rules: TtlRules, key: string, expiresAtMs = 0, createdAtMs = NOW): number {
  const bytes = utf8Bytes(`..${key}`);
  const at = rules.expiryOfWrite(expiresAtMs, NOW, createdAtMs, bytes, 2, bytes.length - 2);
  return at === 0 ? 0 : at - NOW;
}

describe('TtlRules', () => {
  it('have nothing to say where the store has none', () => {
    expect(rulesOf({}).apply).toBe(false);
    expect(expiryOf(rulesOf({}), 'k')).toBe(0);
    expect(expiryOf(rulesOf({}), 'k', NOW + 5)).toBe(5);
  });

  it('give the longest prefix precedence over shorter ones and the default', () => {
    const ttlPrefixes = [
      { prefix: 'u:', ttlMs: 20 },
      { prefix: 'u:é:', ttlMs: 30 },
      { prefix: 'u:pinned:', ttlMs: 0 },
    ];
    const rules = rulesOf({ defaultTtlMs: 10, ttlPrefixes });
    expect(['x', 'u', 'u:1', 'u:é:1', 'u:é', 'u:pinned:1'].map((key) => expiryOf(rules, key))).toEqual([
      10, 10, 20, 30, 20, 0,
    ]);
    expect(expiryOf(rules, 'u:1', NOW + 99)).toBe(99);
  });

  it('cut every expiry to the longest time that the store allows', () => {
    const rules = rulesOf({ maxTtlMs: 50, defaultTtlMs: 10, ttlPrefixes: [{ prefix: 'long:', ttlMs: 100 }] });
    expect(expiryOf(rules, 'k')).toBe(10);
    expect(expiryOf(rules, 'long:1')).toBe(50);
    expect(expiryOf(rules, 'k', NOW + 1000)).toBe(50);
    expect(expiryOf(rules, 'k', NOW + 1000, NOW - 20)).toBe(30);
    expect(expiryOf(rules, 'k', 0, NOW - 20)).toBe(10);
    expect(rules.atMost(0, NOW)).toBe(NOW + 50);
    expect(rulesOf({}).atMost(0, NOW)).toBe(0);
  });
});
