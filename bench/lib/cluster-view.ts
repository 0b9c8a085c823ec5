/** What the cluster says of itself over REST while partitions move. */
import { setTimeout as sleep } from 'node:timers/promises';
import { LOOPBACK } from './ports.js';

export interface RingReply {
  readonly moves: { readonly active: number; readonly pending: number };
  readonly nodes: readonly { readonly id: string; readonly state: string; readonly partitions: number }[];
}

interface EventsReply {
  readonly last_index: number;
  readonly events: readonly (Omit<ClusterNotice, 'atMs'> & { readonly time: string })[];
}

export interface ClusterNotice {
  readonly index: number;
  /** Wall-clock milliseconds. */
  readonly atMs: number;
  readonly name: string;
  readonly fields: Readonly<Record<string, string>>;
}

const POLL_MS = 100;
const ANSWER_LIMIT_MS = 5_000;
const EVENTS_AT_ONCE = 1_000;
/** Nodes that differ by more are not even. */
const MAX_DIFFERENCE = 1;

export class ClusterView {
  private readonly base: string;

  constructor(httpPort: number, host = LOOPBACK) {
    this.base = `http://${host}:${httpPort}/api/v1/cluster`;
  }

  async drain(nodeId: string): Promise<void> {
    await this.ask('POST', `/nodes/${nodeId}/drain`);
  }

  async undrain(nodeId: string): Promise<void> {
    await this.ask('DELETE', `/nodes/${nodeId}/drain`);
  }

  async ring(): Promise<RingReply> {
    return (await this.ask('GET', '/ring')) as RingReply;
  }

  /** Waits until nothing moves any more and the storage nodes have equal shares, `empty` none; answers the shares. */
  async whenEven(owners: readonly string[], empty: readonly string[], limitMs: number): Promise<readonly number[]> {
    const deadlineMs = performance.now() + limitMs;
    for (;;) {
      const ring = await this.ring();
      const shareOf = (id: string): number => ring.nodes.find((node) => node.id === id)?.partitions ?? 0;
      const shares = owners.map(shareOf);
      const isEven = Math.max(...shares) - Math.min(...shares) <= MAX_DIFFERENCE;
      const isStill = ring.moves.active === 0 && ring.moves.pending === 0;
      if (isEven && isStill && empty.every((id) => shareOf(id) === 0)) return shares;
      if (performance.now() > deadlineMs) {
        throw new Error(`not even within ${limitMs / 1_000} s: ${JSON.stringify(ring)}`);
      }
      await sleep(POLL_MS);
    }
  }

  /** The index of the last event so far. */
  async lastEvent(): Promise<number> {
    return ((await this.ask('GET', '/events?limit=1')) as EventsReply).last_index;
  }

  async eventsAfter(index: number): Promise<readonly ClusterNotice[]> {
    const { events } = (await this.ask('GET', `/events?since=${index + 1}&limit=${EVENTS_AT_ONCE}`)) as EventsReply;
    return events.map(({ time, ...event }) => ({ ...event, atMs: Date.parse(time) }));
  }

  private async ask(method: string, path: string): Promise<unknown> {
    const answer = await fetch(`${this.base}${path}`, {
      method,
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
      // A connection of its own each time: a gateway that was started again must not meet one that the old one had.
      headers: { connection: 'close' },
    });
    const body = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${body}`);
    return JSON.parse(body);
  }
}
