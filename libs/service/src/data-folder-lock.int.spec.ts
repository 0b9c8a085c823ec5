import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDataFolder } from './data-folder-lock.js';

const folder = mkdtempSync(join(tmpdir(), 'hc-lock-'));
const data = join(folder, 'deep', 'data');
const file = join(data, 'process.lock');
afterAll(() => rmSync(folder, { recursive: true }));

describe('the lock of a data folder', () => {
  it('is one process’s until it is given back', () => {
    const release = lockDataFolder(data);
    expect(() => lockDataFolder(data)).toThrow(new RegExp(`in use by the process ${process.pid}: stop that one`));
    release();
    expect(existsSync(file)).toBe(false);
    lockDataFolder(data)();
  });

  it('does not outlive a process that was killed, nor pass to another one under its id', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    lockDataFolder(data);
    const [, began, boot] = readFileSync(file, 'utf8').split(' ');
    writeFileSync(file, `${child.pid} ${Number(began) - 1} ${boot}`);
    lockDataFolder(data)();
    child.kill('SIGKILL');
    await once(child, 'exit');
    for (const left of [`${child.pid} ${began} ${boot}`, '', 'rubbish']) {
      writeFileSync(file, left);
      lockDataFolder(data)();
    }
  });
});
