/** Reads of what was never written to their key. The checker condemns them too; this says in plain words what is wrong. */
import type { History } from '#libs/linearizability';
import { isCounter } from '../load/operation.js';
import { keyOfToken } from '../load/values.js';

const MAX_SHOWN = 10;

/** One line for each of the first of them. */
export function foreignValues(history: History): string[] {
  const lines: string[] = [];
  for (const [key, ids] of history.idsByKey()) {
    if (isCounter(key)) continue;
    const written = new Set(ids.map((id) => history.argumentOf(id)));
    for (const id of ids) {
      const value = history.kindOf(id) === 'read' && history.isOk(id) ? history.resultOf(id) : null;
      if (typeof value !== 'string' || written.has(value)) continue;
      if (lines.length < MAX_SHOWN)
        lines.push(`#${id} read ${JSON.stringify(value)} from ${key}: ${originOf(value, key)}`);
    }
  }
  return lines;
}

function originOf(value: string, key: string): string {
  if (value.startsWith('broken: ')) return 'nobody wrote that';
  const origin = keyOfToken(value);
  return origin === key ? 'that write was never sent' : `that was written to ${origin}`;
}
