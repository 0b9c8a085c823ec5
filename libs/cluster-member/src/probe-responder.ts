/** Answers pings, and pings other members for those who ask (SWIM's indirect probes); every member has one. */
import { decodePingRequest, decodeProbeRequest, encodePingReply, encodeProbeReply } from '#libs/cluster';
import { DecodeError } from '#libs/kernel';
import type { Bus, BusMessage, BusSubscription, Clock } from '#libs/ports';
import { subjectsOf } from '#libs/wire';
import { CLUSTER_MEMBER_BOUNDS } from './bounds.js';
import { Prober } from './prober.js';

export interface ProbedSelf {
  readonly cluster: string;
  readonly nodeId: string;
  readonly incarnation: number;
}

/** Totals since the start. */
export interface ProbeCounters {
  readonly pings: number;
  readonly probes: number;
  /** Probes refused since as many were under way as may be. */
  readonly dropped: number;
  readonly malformed: number;
}

export class ProbeResponder {
  private readonly count = { pings: 0, probes: 0, dropped: 0, malformed: 0 };
  private readonly prober: Prober;
  private subscriptions: BusSubscription[] = [];
  private underWay = 0;

  constructor(
    private readonly bus: Bus,
    private readonly clock: Clock,
    private readonly self: ProbedSelf,
  ) {
    this.prober = new Prober(bus, self.cluster);
  }

  get counters(): ProbeCounters {
    return this.count;
  }

  start(): void {
    const { cluster, nodeId } = this.self;
    const subjects = subjectsOf(cluster);
    this.subscriptions = [
      this.bus.subscribe(subjects.ping(nodeId), (message) =>
        this.guard(message, (replyTo) => this.pong(message.payload, replyTo)),
      ),
      this.bus.subscribe(subjects.probe(nodeId), (message) =>
        this.guard(message, (replyTo) => this.probe(message.payload, replyTo)),
      ),
    ];
  }

  /** Answers nothing more, probes under way included. */
  stop(): void {
    for (const subscription of this.subscriptions.splice(0)) subscription.unsubscribe();
  }

  /** A ping for an earlier process of this node id is not answered: that one is gone. */
  private pong(payload: Uint8Array, replyTo: string): void {
    const { incarnation } = decodePingRequest(payload);
    if (incarnation !== this.self.incarnation) return;
    this.count.pings++;
    this.bus.publish(replyTo, encodePingReply({ incarnation }));
  }

  private probe(payload: Uint8Array, replyTo: string): void {
    const request = decodeProbeRequest(payload);
    if (this.underWay >= CLUSTER_MEMBER_BOUNDS.maxProbes) {
      this.count.dropped++;
      return;
    }
    this.underWay++;
    this.count.probes++;
    const startMs = this.clock.monotonicMs();
    this.prober.ping(request, (heard) => {
      this.underWay--;
      if (this.subscriptions.length === 0) return;
      this.bus.publish(replyTo, encodeProbeReply({ heard, millis: this.clock.monotonicMs() - startMs }));
    });
  }

  private guard({ replyTo, noResponders }: BusMessage, answer: (replyTo: string) => void): void {
    if (replyTo === undefined || noResponders) return;
    try {
      answer(replyTo);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.count.malformed++;
    }
  }
}
