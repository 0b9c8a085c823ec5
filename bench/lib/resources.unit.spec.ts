import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Resources } from './resources.js';

describe('resources', () => {
  it('are released in the opposite order, once', async () => {
    const resources = new Resources();
    const released: number[] = [];
    for (const n of [1, 2, 3]) resources.add(async () => void released.push(n));
    await resources.releaseAll();
    await resources.releaseAll();
    expect(released).toEqual([3, 2, 1]);
  });

  it('are all released when one fails, and the failure is told', async () => {
    const resources = new Resources();
    const folder = resources.temporaryFolder('spec');
    writeFileSync(join(folder, 'file'), 'content');
    resources.add(() => Promise.reject(new Error('cannot be released')));
    await expect(resources.releaseAll()).rejects.toThrow('cannot be released');
    expect(existsSync(folder)).toBe(false);
  });
});
