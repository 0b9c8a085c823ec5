/** What one measured process tells the suite. */

export const SUBJECTS = ['engine', 'map'] as const;
export type SubjectName = (typeof SUBJECTS)[number];

/** In the order in which they are measured. */
export const PHASES = [
  'insert',
  'overwrite',
  'hit',
  'miss',
  'overwrite in batches',
  'hit in batches',
  'miss in batches',
  'insert in batches',
] as const;
export type PhaseName = (typeof PHASES)[number];

export interface Measurement {
  readonly subject: SubjectName;
  readonly opsPerSecond: Readonly<Record<PhaseName, number>>;
  /** Per key beyond key and value, by three measures. */
  readonly overheadBytes: {
    /** By the subject's own account, and with what it keeps in reserve. */
    readonly used?: number;
    readonly reserved?: number;
    /** Growth of the JavaScript heap and of the memory that it refers to, after garbage collection. */
    readonly javascript: number;
    /** Growth of the process. */
    readonly resident: number;
  };
}
