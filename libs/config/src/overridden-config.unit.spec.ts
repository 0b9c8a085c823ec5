import fc from 'fast-check';
import { buildConfig } from './build-config.js';
import { ConfigError } from './config-error.js';
import { loadConfig, type HyperCacheConfig } from './index.js';
import type { LayerValue } from './layer.js';
import { overriddenConfig, type Override } from './overridden-config.js';
import { SETTINGS } from './schema.js';
import { settingText } from './setting-text.js';

const ORIGIN = 'a test';
const RUNTIME = SETTINGS.filter(({ setting }) => setting.notes.runtime === true && setting.parse !== undefined);
const BASE = loadConfig({ argv: ['--request-timeout-ms', '700'], env: { HC_LOG_LEVEL: 'WARN' }, role: 'gateway' });

/** As at a start: from all layers. */
function built(overrides: readonly Override[]): HyperCacheConfig {
  const { file, warnings, values } = BASE.origin;
  const changed = overrides.map(({ path, value }): [string, LayerValue] => [path, { value, origin: ORIGIN }]);
  return buildConfig([values, new Map(changed)], { file, warnings });
}

/** The configuration, or what is wrong with it. */
function outcomeOf(make: () => HyperCacheConfig): unknown {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.lines;
  }
}

/** Values near the default, as text; not all of them fit together. */
const override = fc.constantFrom(...RUNTIME).chain(({ path, setting, defaultValue }) => {
  const text = settingText(setting, defaultValue);
  const near = [text, ...[0, 1, 2, 50, 95, 5_000].map(String), 'DEBUG', 'yes', 'RAFT=TRACE', '10mb'];
  const allowed = near.filter((value) => setting.parse?.(value) !== undefined);
  return fc.constantFrom(...(allowed.length > 0 ? allowed : [text])).map((value): Override => ({ path, value }));
});

describe('an overridden configuration', () => {
  it('is what all layers together give, faults included', () => {
    expect(RUNTIME.length).toBeGreaterThan(20);
    fc.assert(
      fc.property(fc.uniqueArray(override, { maxLength: 6, selector: ({ path }) => path }), (overrides) => {
        expect(outcomeOf(() => overriddenConfig(BASE, overrides, ORIGIN))).toEqual(outcomeOf(() => built(overrides)));
      }),
      { numRuns: 60 },
    );
  });

  it('leaves what it is made of as it is, and shares what is not concerned', () => {
    const before = BASE.limits.requestTimeoutMs;
    const config = overriddenConfig(BASE, [{ path: 'limits.request_timeout_ms', value: '900' }], ORIGIN);
    expect([config.limits.requestTimeoutMs, BASE.limits.requestTimeoutMs]).toEqual([900, before]);
    expect(config.limits).not.toBe(BASE.limits);
    expect(config.cluster).toBe(BASE.cluster);
    expect(config.limits).toBeInstanceOf(BASE.limits.constructor);
  });
});
