/** Asks whether members are alive: directly by pings, and through peers by probes. */
import {
  decodePingReply,
  decodeProbeReply,
  encodePingRequest,
  encodeProbeRequest,
  type ProbeReply,
  type ProbeRequest,
} from '#libs/cluster';
import { DecodeError } from '#libs/kernel';
import type { Bus, RequestOutcome } from '#libs/ports';
import { subjectsOf, type Subjects } from '#libs/wire';

export class Prober {
  private readonly subjects: Subjects;

  constructor(
    private readonly bus: Bus,
    cluster: string,
  ) {
    this.subjects = subjectsOf(cluster);
  }

  /** Pings a member's process; `onEnd` is called once, with false where it has not answered in time. */
  ping({ target, incarnation, timeoutMs }: ProbeRequest, onEnd: (heard: boolean) => void): void {
    const request = encodePingRequest({ incarnation });
    this.bus.request(this.subjects.ping(target), request, timeoutMs, (outcome) =>
      onEnd(decoded(outcome, decodePingReply)?.incarnation === incarnation),
    );
  }

  /**
   * Has `peer` ping the target; `onEnd` is called once, with nothing where the peer has not answered by `deadlineMs`
   * from now, which leaves time for the ways to and from the peer.
   */
  probe(peer: string, probe: ProbeRequest, deadlineMs: number, onEnd: (reply: ProbeReply | undefined) => void): void {
    this.bus.request(this.subjects.probe(peer), encodeProbeRequest(probe), deadlineMs, (outcome) =>
      onEnd(decoded(outcome, decodeProbeReply)),
    );
  }
}

function decoded<T>(outcome: RequestOutcome, decode: (bytes: Uint8Array) => T): T | undefined {
  if (!outcome.ok) return undefined;
  try {
    return decode(outcome.message.payload);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return undefined;
  }
}
