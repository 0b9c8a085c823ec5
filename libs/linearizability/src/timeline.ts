/** A violation as text for people: the operation without a place, what would have fitted, and those that leave it no place. */
import { LINEARIZABILITY_BOUNDS } from './bounds.js';
import type { History } from './history.js';
import type { Value } from './values.js';
import type { Violation } from './violation.js';

const MAX_VALUE_CHARS = 32;
const GAP = '  ';
/** A column of the drawing per point in time at which an operation begins or ends. */
const CHARS_PER_COLUMN = 2;

export function formatViolation(history: History, violation: Violation): string {
  const { key, operation, before, states } = violation;
  const held = states.length === 0 ? 'nothing that fits was found' : states.map(quoted).join(' or ');
  return [
    `key ${quoted(key)} is not linearizable. The ${before} operations that completed first have an order; this one fits nowhere:`,
    `${GAP}${describeOperation(history, operation)}`,
    `A read in its place could have seen: ${held}`,
    'Operations that prove it:',
    ...timeline(history, violation).map((line) => GAP + line),
  ].join('\n');
}

/** One line: what was asked, by whom, and what came of it. */
export function describeOperation(history: History, id: number): string {
  return `#${id} client ${history.clients[id]}: ${requestText(history, id)} -> ${answerText(history, id)}`;
}

function requestText(history: History, id: number): string {
  const argument = history.argumentOf(id);
  return argument === null ? history.kindOf(id) : `${history.kindOf(id)} ${quoted(argument)}`;
}

function answerText(history: History, id: number): string {
  if (!history.isOk(id)) return history.isUnknown(id) ? 'unknown' : 'failed';
  const result = history.resultOf(id);
  if (result === undefined) return 'ok';
  return typeof result === 'boolean' ? (result ? 'done' : 'not done') : quoted(result);
}

function quoted(value: Value): string {
  if (value === null) return 'nil';
  if (typeof value === 'number') return String(value);
  return JSON.stringify(value.length > MAX_VALUE_CHARS ? `${value.slice(0, MAX_VALUE_CHARS)}…` : value);
}

function timeline(history: History, { operation, core }: Violation): string[] {
  const shown = core.slice(-LINEARIZABILITY_BOUNDS.maxTimelineRows);
  const rows = (shown.includes(operation) ? shown : [operation, ...shown.slice(1)]).map((id) => rowOf(history, id));
  const until = history.completedAt[operation];
  const times = [...new Set(rows.flatMap(({ start, end }) => [start, end]))].filter((time) => time <= until);
  const columns = new Map(times.sort((a, b) => a - b).map((time, rank) => [time, CHARS_PER_COLUMN * rank]));
  const widths = ['id', 'from', 'to', 'text'] as const;
  const [id, from, to, text] = widths.map((cell) => Math.max(...rows.map((row) => row[cell].length)));
  const lines = rows.map((row) => {
    const cells = [row.id.padStart(id), row.from.padStart(from), row.to.padStart(to), row.text.padEnd(text)];
    const mark = row.id === `#${operation}` ? `${GAP}<- no place` : '';
    return `${cells.join(GAP)}${GAP}${barOf(row, columns)}${mark}`.trimEnd();
  });
  const left = core.length - rows.length;
  return left === 0 ? lines : [`(${left} earlier ones are not shown)`, ...lines];
}

interface Row {
  readonly start: number;
  readonly end: number;
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

function rowOf(history: History, id: number): Row {
  const start = history.invokedAt[id];
  const end = history.isUnknown(id) && history.kindOf(id) !== 'loss' ? Infinity : history.completedAt[id];
  return {
    start,
    end,
    id: `#${id}`,
    from: start.toFixed(3),
    to: end === Infinity ? '?' : end.toFixed(3),
    text: `client ${history.clients[id]}: ${requestText(history, id)} -> ${answerText(history, id)}`,
  };
}

/** `|---|`, or `|---` for what had not ended when the timeline does. */
function barOf({ start, end }: Row, columns: ReadonlyMap<number, number>): string {
  const from = columns.get(start) ?? 0;
  const to = columns.get(end);
  const width = Math.max(...columns.values()) + 1;
  if (to === from) return `${' '.repeat(from)}|`.padEnd(width);
  const bar = to === undefined ? `|${'-'.repeat(width - from - 1)}` : `|${'-'.repeat(to - from - 1)}|`;
  return (' '.repeat(from) + bar).padEnd(width);
}
