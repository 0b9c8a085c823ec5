/** What a run has shown, as text. */
import { formatCount, formatTable, left, right } from '../../bench/lib/table.js';
import type { Recorder } from '../load/recorder.js';
import { describeEntry, type Journal } from '../nemesis/journal.js';
import type { Judgement } from './judge.js';
import { lengthOf, unavailabilities } from './unavailability.js';

const KEYS_SHOWN = 3;
/** From here on it is worth a line: times in the report are then those of the machine. */
const BUSY_STALL_MS = 1_000;
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;

export function reportText(recorder: Recorder, journal: Journal, judgement: Judgement, stallMs: number): string {
  return [
    operationsTable(recorder),
    reasonsText(recorder),
    faultsText(journal),
    unavailabilityText(recorder, journal),
    ...(stallMs < BUSY_STALL_MS
      ? []
      : [`The machine is busy: this program stood still for up to ${seconds(stallMs)}.`]),
    verdictText(judgement),
  ].join('\n\n');
}

function operationsTable({ counts }: Recorder): string {
  const rows = [...counts].map(([kind, { ok, failed, unknown }]) => [kind, ...[ok, failed, unknown].map(formatCount)]);
  const total = (pick: (each: { ok: number; failed: number; unknown: number }) => number): string =>
    formatCount([...counts.values()].reduce((sum, each) => sum + pick(each), 0));
  rows.push(['all', total(({ ok }) => ok), total(({ failed }) => failed), total(({ unknown }) => unknown)]);
  return formatTable([left('operations'), right('ok'), right('failed'), right('unknown')], rows);
}

function reasonsText({ reasons }: Recorder): string {
  if (reasons.size === 0) return 'Every operation was answered with a result.';
  const sorted = [...reasons].sort((a, b) => b[1] - a[1]);
  return `not ok: ${sorted.map(([reason, count]) => `${reason} ${formatCount(count)}`).join(', ')}`;
}

function faultsText({ entries }: Journal): string {
  return [`faults: ${entries.length}`, ...entries.map((entry) => `  ${describeEntry(entry)}`)].join('\n');
}

function unavailabilityText(recorder: Recorder, journal: Journal): string {
  const all = unavailabilities(recorder.history, recorder.nowMs());
  if (all.length === 0) return 'No key was ever without an answer.';
  const median = all[Math.floor(all.length / 2)];
  const lines = all.slice(0, KEYS_SHOWN).map((each) => {
    const faults = journal
      .overlapping(each.fromMs, each.untilMs)
      .map(({ fault }) => `${fault.kind} ${fault.targets.join('+')}`);
    return `  ${each.key}: ${seconds(lengthOf(each))} from ${seconds(each.fromMs)} on (${faults.join(', ') || 'no fault'})`;
  });
  return [`longest time without an answer, by key; the median key's is ${seconds(lengthOf(median))}:`, ...lines].join(
    '\n',
  );
}

function verdictText({ keys, findings, acknowledged }: Judgement): string {
  if (findings.length > 0) return ['FAIL', ...findings.map((finding, i) => `${i + 1}. ${finding}`)].join('\n\n');
  return `PASS: ${keys} keys are linearizable, and all ${formatCount(acknowledged)} acknowledged writes are accounted for`;
}
