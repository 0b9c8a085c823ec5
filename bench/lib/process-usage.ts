/** What processes use of the machine, from Linux's /proc; elsewhere nothing is known. */
import { readFileSync } from 'node:fs';

/** Milliseconds in a tick of /proc: USER_HZ is 100 on every architecture that Node runs on. */
const TICK_MS = 10;
/** Positions behind the command's name in /proc/<pid>/stat, see proc(5): utime is field 14, its first one there is 3. */
const UTIME = 11;
const STIME = 12;
const CUTIME = 13;
const CSTIME = 14;

export interface CpuTimes {
  /** Of the process, all threads, user and system. */
  readonly ownMs: number;
  /** Of its children that have ended and been waited for. */
  readonly childrenMs: number;
}

/** The text of /proc/<pid>/stat. The command's name in it may hold spaces and parentheses. */
export function parseStat(text: string): CpuTimes {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = (...positions: number[]): number => positions.reduce((sum, at) => sum + Number(fields[at]), 0);
  const times = { ownMs: TICK_MS * ticks(UTIME, STIME), childrenMs: TICK_MS * ticks(CUTIME, CSTIME) };
  if (!Number.isFinite(times.ownMs + times.childrenMs)) throw new Error('not the text of a stat file');
  return times;
}

/** The text of /proc/<pid>/status → resident bytes. */
export function parseResidentBytes(text: string): number {
  const line = /^VmRSS:\s*(\d+) kB$/m.exec(text);
  if (line === null) throw new Error('no resident size');
  return Number(line[1]) * 1024;
}

function readOptional<T>(path: string, parse: (text: string) => T): T | undefined {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Undefined for a process that does not exist, and off Linux. */
export const cpuTimes = (pid: number | 'self'): CpuTimes | undefined => readOptional(`/proc/${pid}/stat`, parseStat);

export const residentBytes = (pid: number): number | undefined =>
  readOptional(`/proc/${pid}/status`, parseResidentBytes);
