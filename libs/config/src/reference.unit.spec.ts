import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { HyperCacheConfig, loadConfig, renderConfigurationReference, renderDefaultFile } from './index.js';

/** `HC_WRITE_REFERENCE=1 npm run jest -- libs/config` renews the generated files. */
function expectGenerated(file: string, text: string): void {
  if (process.env['HC_WRITE_REFERENCE'] === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(text);
}

describe('documents made from the schema', () => {
  it('has the committed reference', () => {
    expectGenerated('docs/reference/configuration.md', renderConfigurationReference());
  });

  it('has the committed default file', () => {
    expectGenerated('configs/hypercache.yaml', renderDefaultFile());
  });

  it('changes nothing by the default file', () => {
    const env = { HC_DATA_DIR: 'x' };
    const config = loadConfig({ argv: ['--config', 'configs/hypercache.yaml'], env, role: 'gateway' });
    const expected = new HyperCacheConfig();
    expected.persistence.dataDir = 'x';
    expect({ ...config, origin: expected.origin }).toEqual({ ...expected });
    expect(config.origin).toMatchObject({ file: 'configs/hypercache.yaml', warnings: [] });
  });

  it('says something about every setting', () => {
    const rows = renderConfigurationReference()
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    expect(rows.length).toBeGreaterThan(50);
    for (const row of rows) expect(row.split(' | ')[1].length).toBeGreaterThan(5);
  });
});
