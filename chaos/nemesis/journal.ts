/** Which faults there were, and when, on the clock of the history. */
import { describeFault, type Fault } from './fault.js';

export interface FaultEntry {
  readonly fault: Fault;
  readonly beganMs: number;
  /** Infinity while it lasts. */
  healedMs: number;
  /** What happened on the way: starts that failed, who was spared. */
  readonly notes: string[];
  /** Why it did not take place. */
  spared: string | undefined;
}

export class Journal {
  readonly entries: FaultEntry[] = [];

  constructor(private readonly nowMs: () => number) {}

  begin(fault: Fault): FaultEntry {
    const entry: FaultEntry = { fault, beganMs: this.nowMs(), healedMs: Infinity, notes: [], spared: undefined };
    this.entries.push(entry);
    return entry;
  }

  healed(entry: FaultEntry): void {
    entry.healedMs = this.nowMs();
  }

  /** Those that had begun before `untilMs` and were not healed before `fromMs`. */
  overlapping(fromMs: number, untilMs: number): FaultEntry[] {
    return this.entries.filter(
      ({ spared, beganMs, healedMs }) => spared === undefined && beganMs <= untilMs && healedMs >= fromMs,
    );
  }
}

const at = (ms: number): string => (ms === Infinity ? 'the end' : `${(ms / 1_000).toFixed(2)} s`);

/** `12.30 s to 14.08 s: kill storage-2, down for 1.2 s` */
export function describeEntry({ fault, beganMs, healedMs, notes, spared }: FaultEntry): string {
  const what = describeFault(fault);
  if (spared !== undefined) return `${at(beganMs)}: not done: ${what} (${spared})`;
  const details = notes.length === 0 ? '' : ` (${notes.join('; ')})`;
  return `${at(beganMs)} to ${at(healedMs)}: ${what}${details}`;
}
