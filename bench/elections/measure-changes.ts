/** How fast the coordinators agree on changes that are asked for over the bus, as gateways ask for them. */
import { randomUUID } from 'node:crypto';
import { decodeChangeReply, encodeChangeRequest } from '#libs/cluster';
import type { Bus, RequestOutcome } from '#libs/ports';
import { median, percentile } from '../lib/statistics.js';

export interface ChangeRate {
  /** Requests that wait for their answers at a time. */
  readonly waiting: number;
  readonly changesPerSecond: number;
  /** From the request to the answer that the change is durable. */
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** A setting that changes nothing here: without a collector nothing is traced. */
const PATH = 'tracing.samples_per_second';
const VALUES = 50_000;
/** As a gateway does: the same request again after so long without an answer, up to a limit. */
const ATTEMPT_MS = 500;
const ATTEMPTS = 20;

/** Asks for `count` changes, one event each, `waiting` at a time; the first `warmUp` more are not counted. */
export async function measureChanges(
  bus: Bus,
  subject: string,
  clusterId: string,
  waiting: number,
  count: number,
  warmUp: number,
): Promise<ChangeRate> {
  let asked = 0;
  const timesMs: number[] = [];
  const change = async (): Promise<number> => {
    const value = String(asked++ % VALUES);
    const bytes = encodeChangeRequest({
      clusterId,
      requestId: randomUUID().replaceAll('-', ''),
      changes: [{ type: 'ChangeSetting', path: PATH, value }],
    });
    const startMs = performance.now();
    await accepted(bus, subject, bytes);
    return performance.now() - startMs;
  };
  const worker = async (until: number): Promise<void> => {
    while (asked < until) timesMs.push(await change());
  };
  const all = (until: number): Promise<unknown> => Promise.all(Array.from({ length: waiting }, () => worker(until)));
  await all(warmUp);
  timesMs.length = 0;
  const startMs = performance.now();
  await all(warmUp + count);
  const tookMs = performance.now() - startMs;
  return {
    waiting,
    changesPerSecond: (1_000 * timesMs.length) / tookMs,
    medianMs: median(timesMs),
    p99Ms: percentile(timesMs, 99),
    maxMs: percentile(timesMs, 100),
  };
}

/** A leader that loses its office answers nobody, and a request that is repeated is carried out once. */
async function accepted(bus: Bus, subject: string, bytes: Uint8Array): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const outcome = await new Promise<RequestOutcome>((resolve) => {
      bus.request(subject, bytes, ATTEMPT_MS, resolve);
    });
    if (!outcome.ok) continue;
    const reply = decodeChangeReply(outcome.message.payload);
    if (reply.accepted) return;
    throw new Error(`a change was refused: ${reply.reason}`);
  }
  throw new Error(`a change had no answer in ${ATTEMPTS} attempts`);
}
