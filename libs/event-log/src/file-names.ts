/** The files of one log, below its folder. Numbers are 16 hexadecimal digits, so that names sort as they do. */
const DIGITS = 16;
const SEGMENT = /^([0-9a-f]{16})\.log$/;
const CHECKPOINT = /^([0-9a-f]{16})\.ckp$/;
const DAMAGED_SUFFIX = '.damaged';
const SETTLING_SUFFIX = '.settling';

export class FileNames {
  readonly logFolder: string;
  readonly checkpointFolder: string;
  readonly manifest: string;

  constructor(folder: string) {
    this.logFolder = `${folder}/log`;
    this.checkpointFolder = `${folder}/checkpoint`;
    this.manifest = `${folder}/MANIFEST`;
  }

  segment(number: number): string {
    return `${this.logFolder}/${hex(number)}.log`;
  }

  checkpoint(number: number): string {
    return `${this.checkpointFolder}/${hex(number)}.ckp`;
  }
}

/** Where recovery puts what it leaves out. */
export function damagedName(path: string): string {
  return path + DAMAGED_SUFFIX;
}

/** Where recovery writes a segment anew. */
export function settlingName(path: string): string {
  return path + SETTLING_SUFFIX;
}

export function isSettlingName(name: string): boolean {
  return name.endsWith(SETTLING_SUFFIX);
}

/** Ascending. */
export function segmentsIn(names: readonly string[]): readonly number[] {
  return numbersIn(names, SEGMENT);
}

export function checkpointsIn(names: readonly string[]): readonly number[] {
  return numbersIn(names, CHECKPOINT);
}

/** Numbers that were set aside count too: none is given twice. */
export function lastCheckpointIn(names: readonly string[]): number {
  const whole = names.map((name) => (name.endsWith(DAMAGED_SUFFIX) ? name.slice(0, -DAMAGED_SUFFIX.length) : name));
  return Math.max(0, ...checkpointsIn(whole));
}

function numbersIn(names: readonly string[], pattern: RegExp): readonly number[] {
  const numbers = names.flatMap((name) => pattern.exec(name)?.[1] ?? []).map((digits) => Number.parseInt(digits, 16));
  return numbers.filter((number) => number > 0 && Number.isSafeInteger(number)).sort((a, b) => a - b);
}

function hex(number: number): string {
  return number.toString(16).padStart(DIGITS, '0');
}
