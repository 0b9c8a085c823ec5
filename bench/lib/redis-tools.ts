/** Debian's redis-benchmark and redis-cli as functions. */
import { LOOPBACK } from './ports.js';
import { findProgram, outputOf } from './programs.js';
import { parseRedisBenchmarkCsv, type LoadResult } from './redis-benchmark-csv.js';

export interface Load {
  readonly port: number;
  readonly test: 'set' | 'get';
  readonly requests: number;
  readonly clients: number;
  readonly pipeline: number;
  readonly valueBytes: number;
  /** Random keys out of so many. */
  readonly keys: number;
}

/** Runs one test to its end. Throws when the server answers an error. */
export async function redisBenchmark(load: Load): Promise<LoadResult> {
  const flags = {
    '-h': LOOPBACK,
    '-p': load.port,
    '-t': load.test,
    '-n': load.requests,
    '-c': load.clients,
    '-P': load.pipeline,
    '-d': load.valueBytes,
    '-r': load.keys,
  };
  const args = Object.entries(flags).flatMap(([flag, value]) => [flag, String(value)]);
  const output = await outputOf(findProgram('redis-benchmark'), [...args, '--csv']);
  return parseRedisBenchmarkCsv(output)[0];
}

/** The answer as redis-cli prints it to a pipe. */
export function redisCli(port: number, ...command: string[]): Promise<string> {
  return outputOf(findProgram('redis-cli'), ['-h', LOOPBACK, '-p', String(port), '-e', ...command]);
}
