/** Cluster events over the message bus: one subject per event name, so that subscribers get what they asked for. */
import {
  decodeEventNotice,
  encodeEventNotice,
  type AnyEventNotice,
  type ClusterEventName,
  type EventBus,
  type EventBusCounters,
  type EventNotice,
} from '#libs/cluster';
import { DecodeError } from '#libs/kernel';
import type { Bus, Logger } from '#libs/ports';
import { subjectsOf, type Subjects } from '#libs/wire';

interface MutableCounters extends EventBusCounters {
  readonly published: Map<ClusterEventName, number>;
  readonly received: Map<ClusterEventName, number>;
  dropped: number;
  unknown: number;
  malformed: number;
  failed: number;
}

export class BusEventBus implements EventBus {
  private readonly count: MutableCounters = {
    published: new Map(),
    received: new Map(),
    dropped: 0,
    unknown: 0,
    malformed: 0,
    failed: 0,
  };
  private readonly subjects: Subjects;

  constructor(
    private readonly bus: Bus,
    private readonly logger: Logger,
    cluster: string,
  ) {
    this.subjects = subjectsOf(cluster);
  }

  get counters(): EventBusCounters {
    return this.count;
  }

  publish(notice: AnyEventNotice, encoded = encodeEventNotice(notice)): void {
    if (this.bus.publish(this.subjects.clusterEvent(notice.name), encoded)) {
      increment(this.count.published, notice.name);
    } else {
      this.count.dropped++;
    }
  }

  subscribe<Name extends ClusterEventName>(name: Name, handler: (notice: EventNotice<Name>) => void): () => void {
    return this.listen(this.subjects.clusterEvent(name), (notice) => {
      if (notice.name === name) handler(notice as unknown as EventNotice<Name>);
    });
  }

  subscribeAll(handler: (notice: AnyEventNotice) => void): () => void {
    return this.listen(this.subjects.clusterEvents, handler);
  }

  private listen(subject: string, handler: (notice: AnyEventNotice) => void): () => void {
    const subscription = this.bus.subscribe(subject, (message) => this.receive(message.payload, handler));
    return () => subscription.unsubscribe();
  }

  private receive(payload: Uint8Array, handler: (notice: AnyEventNotice) => void): void {
    const notice = this.decode(payload);
    if (notice === undefined) return;
    increment(this.count.received, notice.name);
    try {
      handler(notice);
    } catch (error) {
      this.count.failed++;
      this.logger.log('ERROR', 'EVENT_BUS', `a handler of ${notice.name} failed`, { error });
    }
  }

  private decode(payload: Uint8Array): AnyEventNotice | undefined {
    try {
      const notice = decodeEventNotice(payload);
      if (notice === undefined) this.count.unknown++;
      return notice;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.count.malformed++;
      return undefined;
    }
  }
}

function increment(counts: Map<ClusterEventName, number>, name: ClusterEventName): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
