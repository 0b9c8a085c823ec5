/** What is known of lives that were run before: a file of JSON lines, one per life, so that a long run can go on later. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AnyResult } from './life-suite.js';

export interface LifeRecord extends AnyResult {
  readonly version: number;
  readonly seconds: number;
  /** Name of the mutant; empty for healthy lives. */
  readonly mutant: string;
  readonly wallMs: number;
}

export class LifeResults {
  private readonly path: string;

  constructor(private readonly folder: string) {
    this.path = join(folder, 'lives.jsonl');
  }

  /** Seeds that are known to be in order. */
  passed({ version, seconds, mutant }: Pick<LifeRecord, 'version' | 'seconds' | 'mutant'>): Set<number> {
    const passed = new Set<number>();
    for (const record of this.read()) {
      const isSame = record.version === version && record.seconds === seconds && record.mutant === mutant;
      if (!isSame) continue;
      if (record.problem === undefined) passed.add(record.seed);
      else passed.delete(record.seed);
    }
    return passed;
  }

  add(record: LifeRecord): void {
    mkdirSync(this.folder, { recursive: true });
    appendFileSync(this.path, `${JSON.stringify(record)}\n`);
  }

  /** Answers the path. */
  saveHistory(name: string, text: string): string {
    mkdirSync(this.folder, { recursive: true });
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** Without a last line that was cut short. */
  private read(): readonly LifeRecord[] {
    if (!existsSync(this.path)) return [];
    return readFileSync(this.path, 'utf8').split('\n').flatMap(parsed);
  }
}

function parsed(line: string): LifeRecord[] {
  try {
    return [JSON.parse(line) as LifeRecord];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
