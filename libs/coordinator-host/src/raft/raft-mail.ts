/** Raft's messages over the bus: one subject per member, the group's id in every frame. */
import { DecodeError } from '#libs/kernel';
import type { Bus } from '#libs/ports';
import { addressFault, decodeMessage, encodeMessage, type AddressFault, type Message, type NodeId } from '#libs/raft';

/** Why a message never reached Raft: it does not read, or is for somebody else, or the bus did not take it. */
export type DropReason = 'malformed' | AddressFault | 'not-sent';

export class RaftMail {
  readonly dropped: Record<DropReason, number> = { malformed: 0, 'other-cluster': 0, 'other-member': 0, 'not-sent': 0 };

  constructor(
    private readonly bus: Bus,
    private readonly groupId: string,
    private readonly id: NodeId,
    private readonly subjectOf: (id: NodeId) => string,
  ) {}

  send(message: Message): void {
    if (!this.bus.publish(this.subjectOf(message.to), encodeMessage(this.groupId, message))) this.dropped['not-sent']++;
  }

  /** The message for this member; undefined for anything else, which is counted. */
  open(payload: Uint8Array): Message | undefined {
    try {
      const received = decodeMessage(payload);
      const fault = addressFault(received, this.groupId, this.id);
      if (fault === undefined) return received.message;
      this.dropped[fault]++;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.dropped.malformed++;
    }
    return undefined;
  }
}
