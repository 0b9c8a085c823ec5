/** Figures that a service exports at its admin port. */
import { LOOPBACK } from './ports.js';

const ANSWER_LIMIT_MS = 2_000;

/** The value of a metric without labels besides the common ones; undefined where the service answers no such thing. */
export async function metricOf(adminPort: number, name: string): Promise<number | undefined> {
  const body = await pageOf(adminPort);
  const line = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(body);
  return line === null ? undefined : Number(line[1]);
}

async function pageOf(adminPort: number): Promise<string> {
  try {
    const answer = await fetch(`http://${LOOPBACK}:${adminPort}/metrics`, {
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
      headers: { connection: 'close' },
    });
    return await answer.text();
  } catch {
    return '';
  }
}
