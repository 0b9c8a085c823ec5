/** Tells a coordinator that is refused why, so that its own log says it too. */
import { utf8Bytes, utf8Text } from '#libs/kernel';
import type { Bus, BusSubscription } from '#libs/ports';
import type { Subjects } from '#libs/wire';
import { COORDINATOR_BOUNDS } from '../bounds.js';
import type { LimitedLog } from '../limited-log.js';

export class RefusalNotes {
  /** Refusals of this coordinator so far. */
  received = 0;

  constructor(
    private readonly bus: Bus,
    private readonly subjects: Subjects,
    private readonly log: LimitedLog,
  ) {}

  tell(raftId: number, reason: string): void {
    const bytes = utf8Bytes(reason).subarray(0, COORDINATOR_BOUNDS.maxRefusalBytes);
    this.bus.publish(this.subjects.raftRefusal(raftId), bytes);
  }

  listen(raftId: number): BusSubscription {
    return this.bus.subscribe(this.subjects.raftRefusal(raftId), ({ payload }) => {
      if (payload.length > COORDINATOR_BOUNDS.maxRefusalBytes) return;
      this.received++;
      this.log.log('ERROR', 'RAFT', `the leader refuses this coordinator: ${utf8Text(payload)}`);
    });
  }
}
