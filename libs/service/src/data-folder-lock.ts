/**
 * Keeps two processes from writing into one data folder: a file there names the process that has it. A process that
 * was killed leaves its file behind, so the file counts only while that very process lives: the same boot of the
 * machine, the same process id, begun at the same time. Processes in other containers cannot be told from dead ones.
 */
import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from './ports.js';

const FILE_NAME = 'process.lock';
/** Others may take or leave the folder in between this often. */
const ATTEMPTS = 3;
/** Fields of /proc/<pid>/stat after the command's name, which may hold blanks itself; begun at field 22 of all. */
const START_FIELD = 22 - 3;

/** Takes the folder, and answers what gives it back. Throws StartError where another process has it. */
export function lockDataFolder(folder: string): () => void {
  const path = join(folder, FILE_NAME);
  const own = identityOf(process.pid);
  mkdirSync(folder, { recursive: true });
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      writeFileSync(path, own, { flag: 'wx' });
      return () => release(path, own);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const holder = read(path);
    const pid = Number.parseInt(holder, 10);
    if (Number.isInteger(pid) && pid > 0 && isAlive(pid) && identityOf(pid) === holder) {
      throw new StartError(
        `persistence.data_dir: ${folder} is in use by the process ${pid}: stop that one, or give this one a folder of its own (HC_DATA_DIR)`,
      );
    }
    release(path, holder);
  }
  throw new StartError(`persistence.data_dir: ${path} cannot be taken, since other processes take it at the same time`);
}

function release(path: string, holder: string): void {
  if (read(path) !== holder) return;
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Empty where there is none. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (!isMissing(error)) throw error;
    return '';
  }
}

/** The process id, when it began, and the boot of the machine; without /proc the id alone. */
function identityOf(pid: number): string {
  const stat = read(`/proc/${pid}/stat`);
  const began = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_FIELD] ?? '';
  return `${pid} ${began} ${read('/proc/sys/kernel/random/boot_id').trim()}\n`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ESRCH';
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
