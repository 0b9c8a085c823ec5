import { assert, BOUNDS } from '#libs/kernel';

/** Everything in the checkers that could grow or repeat has its bound here. */
export const LINEARIZABILITY_BOUNDS = {
  /** Of one history, over all keys. */
  maxOperations: 8_000_000,
  /** One operation of a history file. */
  maxLineChars: 1024 * 1024,
  /** Operations that the search places for one key before the verdict is `undecided`: some seconds of work. */
  maxSteps: 10_000_000,
  /** What the search of one key remembers, in words of four bytes. Beyond, it goes on without remembering more. */
  maxMemoWords: 16 * 1024 * 1024,
  /** Violations that a report explains; the keys of the others are listed. */
  maxExplained: 10,
  /** Work for each of the three parts of an explanation: operations looked at and placed. What is left out then makes it longer. */
  maxExplainSteps: 4_000_000,
  /** Values that are tried for what a key may have held where an operation fits nowhere, and those that are printed. */
  maxTriedStates: 32,
  maxPrintedStates: 8,
  /** Operations in one printed timeline. */
  maxTimelineRows: 24,
} as const;

const { maxTriedStates, maxPrintedStates, maxLineChars } = LINEARIZABILITY_BOUNDS;
assert(maxPrintedStates < maxTriedStates, 'what is printed was tried');
assert(maxLineChars > 2 * BOUNDS.maxKeyBytes, 'any key fits a line');
