import { readFileSync } from 'node:fs';
import { SOFTWARE_VERSION } from './index.js';

it('is that of package.json', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(SOFTWARE_VERSION).toBe(version);
});
