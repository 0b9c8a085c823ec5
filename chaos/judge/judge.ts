/**
 * The verdict on a history whose last operations read every key after everything was healed: each key is linearizable, unknown
 * outcomes considered; what was acknowledged is there in the end; nobody saw what nobody wrote.
 *
 * Operations of one connection on one key keep their order, as in Redis: gateways promise that for pipelines. Where that alone
 * is broken the report says so. A key whose order within connections takes too long to search is judged without it.
 */
import { checkDurability, checkHistory, type History } from '#libs/linearizability';
import type { Journal } from '../nemesis/journal.js';
import { explainLosses, explainViolations } from './explain.js';
import { foreignValues } from './foreign-values.js';

export interface Judgement {
  readonly keys: number;
  /** In words, what is wrong; empty where nothing is. */
  readonly findings: readonly string[];
  /** Writes that clients were told of. */
  readonly acknowledged: number;
}

const ORDER_ALONE = 'Without the order of pipelined operations it would be linearizable.';

export function judge(history: History, journal: Journal): Judgement {
  const { findings, violatedKeys } = judgeOrders(history, journal);
  const durability = checkDurability(history);
  findings.push(...foreignValues(history), ...explainLosses(history, durability.losses, violatedKeys, journal));
  if (durability.unjudgedKeys > 0) {
    findings.push(`${durability.unjudgedKeys} keys were not read in the end, so nobody knows what they hold`);
  }
  const { ONE, QUORUM, ALL } = durability.acknowledged;
  return { keys: history.keyCount, findings, acknowledged: ONE + QUORUM + ALL };
}

function judgeOrders(history: History, journal: Journal): { findings: string[]; violatedKeys: ReadonlySet<string> } {
  const kept = checkHistory(history, { keepsClientOrder: true });
  if (kept.verdict === 'linearizable') return { findings: [], violatedKeys: new Set() };
  const plain = checkHistory(history);
  const isNew = (key: string): boolean => !plain.violatedKeys.includes(key);
  const orders = {
    violatedKeys: kept.violatedKeys.filter(isNew),
    violations: kept.violations.filter(({ key }) => isNew(key)),
  };
  const findings = explainViolations(history, plain, journal);
  findings.push(...explainViolations(history, orders, journal).map((text) => `${text}\n${ORDER_ALONE}`));
  if (plain.undecidedKeys.length > 0) {
    findings.push(
      `not judged, since the search would take too long: ${plain.undecidedKeys.join(', ')} (fewer --clients, or more --keys)`,
    );
  }
  return { findings, violatedKeys: new Set([...plain.violatedKeys, ...kept.violatedKeys]) };
}
