/** What is wrong with a history, in words: the operations that prove it, and the faults that lasted meanwhile. */
import {
  describeOperation,
  formatViolation,
  type History,
  type HistoryReport,
  type KeyLoss,
} from '#libs/linearizability';
import { isCounter } from '../load/operation.js';
import { describeEntry, type Journal } from '../nemesis/journal.js';

/** Keys of one kind of finding that are explained; the others are listed. */
const MAX_EXPLAINED = 4;
const MAX_WRITES_SHOWN = 4;
const MAX_FAULTS_SHOWN = 8;

export function explainViolations(
  history: History,
  { violatedKeys, violations }: Pick<HistoryReport, 'violatedKeys' | 'violations'>,
  journal: Journal,
): string[] {
  const explained = violations.slice(0, MAX_EXPLAINED);
  const texts = explained.map((violation) => {
    const fromMs = Math.min(...violation.core.map((id) => history.invokedAt[id]));
    const untilMs = history.completedAt[violation.operation];
    return `${formatViolation(history, violation)}\n${faultLines(journal, fromMs, untilMs)}`;
  });
  const others = violatedKeys.filter((key) => !explained.some((violation) => violation.key === key));
  return others.length === 0 ? texts : [...texts, `not linearizable either: ${others.join(', ')}`];
}

/** Of keys whose order was explained already, their names alone. */
export function explainLosses(
  history: History,
  losses: readonly KeyLoss[],
  violatedKeys: ReadonlySet<string>,
  journal: Journal,
): string[] {
  const fresh = losses.filter(({ key }) => !violatedKeys.has(key));
  const explained = fresh.slice(0, MAX_EXPLAINED);
  const texts = explained.map((loss) => explainLoss(history, loss, journal));
  const others = losses.filter((loss) => !explained.includes(loss));
  if (others.length === 0) return texts;
  return [...texts, `acknowledged writes are lost: ${others.map(lossInBrief).join(', ')}`];
}

const lossInBrief = ({ key, missing }: KeyLoss): string => `${missing.length} of ${key}`;

function explainLoss(history: History, { key, read, found, missing }: KeyLoss, journal: Journal): string {
  const holds = `in the end it holds ${JSON.stringify(found)}`;
  // Nobody can tell which increments it were.
  if (isCounter(key)) return `key ${key} has lost ${missing.length} acknowledged increments; ${holds}`;
  const shown = missing
    .slice(0, MAX_WRITES_SHOWN)
    .map((id) => `  ${describeOperation(history, id)}, ${timesOf(history, id)}`);
  if (missing.length > shown.length) shown.push(`  and ${missing.length - shown.length} more`);
  const fromMs = history.invokedAt[Math.min(...missing)];
  const head = `key ${key} has lost ${missing.length} acknowledged writes; ${holds}:`;
  return [head, ...shown, faultLines(journal, fromMs, history.completedAt[read])].join('\n');
}

const timesOf = ({ invokedAt, completedAt }: History, id: number): string =>
  `${invokedAt[id].toFixed(3)} to ${completedAt[id].toFixed(3)} ms`;

function faultLines(journal: Journal, fromMs: number, untilMs: number): string {
  const faults = journal.overlapping(fromMs, untilMs);
  if (faults.length === 0) return 'No fault overlaps that time.';
  const lines = faults.slice(0, MAX_FAULTS_SHOWN).map((entry) => `  ${describeEntry(entry)}`);
  if (faults.length > lines.length) lines.push(`  and ${faults.length - lines.length} more`);
  return ['Faults at that time:', ...lines].join('\n');
}
