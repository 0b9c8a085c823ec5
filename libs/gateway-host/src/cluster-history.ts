/** Asks a coordinator for the cluster events that it remembers. Nothing changes by it, so it is asked once. */
import { decodeEventsReply, encodeEventsRequest, type EventsRequest } from '#libs/cluster';
import type { EventsOutcome } from '#libs/commands';
import { DecodeError } from '#libs/kernel';
import type { Bus, RequestOutcome } from '#libs/ports';

/** Requests under way at a gateway; more are refused. */
export const MAX_PENDING_HISTORIES = 16;

export class ClusterHistory {
  private pending = 0;

  constructor(
    private readonly bus: Bus,
    private readonly subject: string,
    /** Changes at run time. */
    private readonly timing: { readonly requestTimeoutMs: number },
  ) {}

  get count(): number {
    return this.pending;
  }

  /** Calls back once, at the latest at the request deadline. */
  request(request: EventsRequest, onOutcome: (outcome: EventsOutcome) => void): void {
    if (this.pending >= MAX_PENDING_HISTORIES) {
      const reason = `${MAX_PENDING_HISTORIES} requests for events are under way at this gateway already`;
      return onOutcome({ ok: false, reason });
    }
    this.pending++;
    this.bus.request(this.subject, encodeEventsRequest(request), this.timing.requestTimeoutMs, (outcome) => {
      this.pending--;
      onOutcome(read(outcome));
    });
  }
}

function read(outcome: RequestOutcome): EventsOutcome {
  if (!outcome.ok) {
    const isSilent = outcome.reason === 'timeout';
    const reason = isSilent ? 'no coordinator has answered in time' : 'no coordinator is reachable';
    return { ok: false, reason: `${reason}; ask again` };
  }
  try {
    return { ok: true, ...decodeEventsReply(outcome.message.payload) };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { ok: false, reason: `a coordinator’s answer cannot be read: ${error.message}` };
  }
}
