/**
 * The verdict on a history whose last operations read every key after everything was healed: each key is linearizable, unknown
 * outcomes considered; what was acknowledged is there in the end; nobody saw what nobody wrote.
 *
 * Operations of one connection on one key keep their order, as in Redis: gateways promise that for pipelines. Where that alone
 * is broken the report says so.
 */
import {
  checkDurability,
  checkHistory,
  describeOperation,
  formatViolation,
  type History,
  type HistoryReport,
  type KeyLoss,
} from '#libs/linearizability';
import { describeEntry, type FaultEntry, type Journal } from '../nemesis/journal.js';
import { foreignValues } from './foreign-values.js';

export interface Judgement {
  readonly keys: number;
  /** In words, what is wrong; empty where nothing is. */
  readonly findings: readonly string[];
  readonly acknowledged: number;
}

const MAX_MISSING_SHOWN = 5;
const MAX_FAULTS_SHOWN = 8;

export function judge(history: History, journal: Journal): Judgement {
  const findings = [...linearizability(history, journal), ...foreignValues(history)];
  const durability = checkDurability(history);
  for (const loss of durability.losses) findings.push(describeLoss(history, loss, journal));
  if (durability.unjudgedKeys > 0) {
    findings.push(`${durability.unjudgedKeys} keys were not read in the end, so nobody knows what they hold`);
  }
  const { acknowledged } = durability;
  return { keys: history.keyCount, findings, acknowledged: acknowledged.ONE + acknowledged.QUORUM + acknowledged.ALL };
}

function linearizability(history: History, journal: Journal): string[] {
  const inOrder = checkHistory(history, { keepsClientOrder: true });
  if (inOrder.verdict === 'linearizable') return [];
  const plain = checkHistory(history);
  const findings = violationsOf(history, plain, journal, '');
  const onlyInOrder = inOrder.violatedKeys.filter((key) => !plain.violatedKeys.includes(key));
  if (onlyInOrder.length > 0) {
    const rest = {
      ...inOrder,
      violatedKeys: onlyInOrder,
      violations: inOrder.violations.filter(({ key }) => onlyInOrder.includes(key)),
    };
    findings.push(
      ...violationsOf(history, rest, journal, ' (only if each connection keeps its order, as pipelines must)'),
    );
  }
  const undecided = inOrder.undecidedKeys.filter((key) => !plain.violatedKeys.includes(key));
  if (undecided.length > 0) {
    findings.push(
      `not judged, since the search would take too long: ${undecided.join(', ')}; fewer --clients or more --keys help`,
    );
  }
  return findings;
}

function violationsOf(history: History, report: HistoryReport, journal: Journal, addition: string): string[] {
  const explained = report.violations.map((violation) => {
    const { operation, core } = violation;
    const fromMs = Math.min(...core.map((id) => history.invokedAt[id]));
    const faults = journal.overlapping(fromMs, history.completedAt[operation]);
    return `${formatViolation(history, violation)}${addition}\n${faultLines(faults)}`;
  });
  const more = report.violatedKeys.filter((key) => !report.violations.some((violation) => violation.key === key));
  return more.length === 0 ? explained : [...explained, `not linearizable either${addition}: ${more.join(', ')}`];
}

function describeLoss(history: History, { key, read, found, missing }: KeyLoss, journal: Journal): string {
  const shown = missing.slice(0, MAX_MISSING_SHOWN);
  const times = (id: number): string =>
    `${history.invokedAt[id].toFixed(3)} to ${history.completedAt[id].toFixed(3)} ms`;
  const faults = journal.overlapping(history.invokedAt[Math.min(...missing)], history.completedAt[read]);
  return [
    `key ${key} has lost ${missing.length} acknowledged ${missing.length === 1 ? 'write' : 'writes'}; in the end it holds ${JSON.stringify(found)}:`,
    ...shown.map((id) => `  ${describeOperation(history, id)}, ${times(id)}`),
    ...(missing.length > shown.length ? [`  and ${missing.length - shown.length} more`] : []),
    faultLines(faults),
  ].join('\n');
}

function faultLines(faults: readonly FaultEntry[]): string {
  if (faults.length === 0) return 'No fault overlaps that time.';
  const lines = faults.slice(0, MAX_FAULTS_SHOWN).map((entry) => `  ${describeEntry(entry)}`);
  const more = faults.length > MAX_FAULTS_SHOWN ? [`  and ${faults.length - MAX_FAULTS_SHOWN} more`] : [];
  return ['Faults at that time:', ...lines, ...more].join('\n');
}
