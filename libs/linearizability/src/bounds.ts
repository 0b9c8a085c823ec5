import { assert, BOUNDS } from '#libs/kernel';

/** Everything in the checkers that could grow or repeat has its bound here. */
export const LINEARIZABILITY_BOUNDS = {
  /** Of one history, over all keys. */
  maxOperations: 8_000_000,
  /** One operation of a history file. */
  maxLineChars: 1024 * 1024,
  /** Operations that the search places for one key before the verdict is `undecided`; a fraction of a microsecond to a few each. */
  maxSteps: 5_000_000,
  /** What the search of one key remembers, in words of four bytes. Beyond, it goes on without remembering more. */
  maxMemoWords: 16 * 1024 * 1024,
  /** Violations that a report explains; the keys of the others are listed. */
  maxExplained: 10,
  /** Checks of parts of one key's history that go into an explanation, and what all of them may place. */
  maxExplainChecks: 1_000,
  maxExplainSteps: 20_000_000,
  /** Values that are tried for what a key may have held where an operation fits nowhere, and those that are printed. */
  maxTriedStates: 64,
  maxPrintedStates: 8,
  /** Operations in one printed timeline. */
  maxTimelineRows: 24,
} as const;

const { maxSteps, maxExplainSteps, maxTriedStates, maxExplainChecks, maxLineChars } = LINEARIZABILITY_BOUNDS;
assert(maxSteps <= maxExplainSteps, 'what could be judged can be judged again');
assert(maxTriedStates < maxExplainChecks, 'states do not use up the checks of an explanation');
assert(maxLineChars > 2 * BOUNDS.maxKeyBytes, 'any key fits a line');
