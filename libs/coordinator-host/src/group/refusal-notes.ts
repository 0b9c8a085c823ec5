/**
 * Tells a coordinator that is refused why, so that its own log says it too, and ends it where the group has forgotten
 * it. A note: kind u8, length of the group's id u8, the id, the reason; texts in UTF-8.
 */
import { utf8Bytes, utf8Text } from '#libs/kernel';
import type { Bus, BusSubscription } from '#libs/ports';
import type { Subjects } from '#libs/wire';
import { COORDINATOR_BOUNDS } from '../bounds.js';
import type { LimitedLog } from '../limited-log.js';

const KINDS = { REFUSED: 1, FORGOTTEN: 2 } as const;
const HEAD_BYTES = 2;

export interface RefusalNote {
  readonly raftId: number;
  readonly reason: string;
  /** It was a member, and is none any more: it is to end. */
  readonly isForgotten: boolean;
}

export class RefusalNotes {
  constructor(
    private readonly bus: Bus,
    private readonly subjects: Subjects,
    private readonly log: LimitedLog,
  ) {}

  tell(groupId: string, { raftId, reason, isForgotten }: RefusalNote): void {
    const id = utf8Bytes(groupId);
    const text = utf8Bytes(reason).subarray(0, COORDINATOR_BOUNDS.maxRefusalBytes);
    const note = new Uint8Array(HEAD_BYTES + id.length + text.length);
    note[0] = isForgotten ? KINDS.FORGOTTEN : KINDS.REFUSED;
    note[1] = id.length;
    note.set(id, HEAD_BYTES);
    note.set(text, HEAD_BYTES + id.length);
    this.bus.publish(this.subjects.raftRefusal(raftId), note);
  }

  /** `onForgotten` is told the reason, and the group that gives it. */
  listen(raftId: number, onForgotten: (groupId: string, reason: string) => void): BusSubscription {
    return this.bus.subscribe(this.subjects.raftRefusal(raftId), ({ payload }) => {
      if (payload.length < HEAD_BYTES) return;
      const [kind, idLength] = payload;
      const textAt = HEAD_BYTES + idLength;
      if (payload.length < textAt || payload.length > textAt + COORDINATOR_BOUNDS.maxRefusalBytes) return;
      const reason = utf8Text(payload.subarray(textAt));
      this.log.log('ERROR', 'RAFT', `the leader refuses this coordinator: ${reason}`);
      if (kind === KINDS.FORGOTTEN) onForgotten(utf8Text(payload.subarray(HEAD_BYTES, textAt)), reason);
    });
  }
}
