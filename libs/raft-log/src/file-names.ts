/** The files of one member, all in one folder. Numbers have leading zeros, so that names sort as they do. */
const DIGITS = 16;
const SEGMENT = /^log-(\d{16})\.seg$/;
const SNAPSHOT = /^snapshot-(\d{16})\.bin$/;

export const HARD_STATE_NAME = 'hard-state.bin';

export function segmentName(sequence: number): string {
  return `log-${String(sequence).padStart(DIGITS, '0')}.seg`;
}

export function snapshotName(index: number): string {
  return `snapshot-${String(index).padStart(DIGITS, '0')}.bin`;
}

/** Ascending. */
export function segmentsIn(names: readonly string[]): readonly number[] {
  return numbersIn(names, SEGMENT);
}

export function snapshotsIn(names: readonly string[]): readonly number[] {
  return numbersIn(names, SNAPSHOT);
}

function numbersIn(names: readonly string[], pattern: RegExp): readonly number[] {
  return names.flatMap((name) => pattern.exec(name)?.[1] ?? []).map(Number);
}
