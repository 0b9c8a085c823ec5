/**
 * Whether anything of a group may be taken at all: what ownership and the host say, asked once per group and frame. All groups
 * of a frame are asked before anything of it is taken, since one that must wait for the disk holds the frame back.
 */
import { DecodeError } from '#libs/kernel';
import { REFUSAL_REASONS, type RefusalReason } from './acknowledgement.js';
import type { ReplicaHost, ReplicaOwnership } from './replica-side.js';

const ADMITTED = 0;
const UNSAVED = 255;

export class GroupAdmission {
  /** Of the frame, so far. */
  private groups = 0;
  private frameNumber = 0;
  private readonly askedIn: Float64Array;
  private readonly askedEpochs: Uint32Array;
  private readonly answers: Uint8Array;

  constructor(
    groupCount: number,
    private readonly maxGroups: number,
    private readonly ownership: ReplicaOwnership,
    private readonly host: ReplicaHost,
  ) {
    this.askedIn = new Float64Array(groupCount);
    this.askedEpochs = new Uint32Array(groupCount);
    this.answers = new Uint8Array(groupCount);
  }

  beginFrame(): void {
    this.frameNumber++;
    this.groups = 0;
  }

  /** False where the answer must wait for the disk. */
  ask(group: number, epoch: number): boolean {
    const isKnown = this.askedIn[group] === this.frameNumber;
    if (!isKnown && ++this.groups > this.maxGroups) throw new DecodeError('too many groups in a frame');
    if (!isKnown || this.askedEpochs[group] !== epoch) {
      this.askedIn[group] = this.frameNumber;
      this.askedEpochs[group] = epoch;
      this.answers[group] = this.answerTo(group, epoch);
    }
    return this.answers[group] !== UNSAVED;
  }

  /** Why nothing of the group is taken from this frame, which {@link ask} was asked about; undefined where it is. */
  refusalOf(group: number): RefusalReason | undefined {
    const answer = this.answers[group];
    return answer === ADMITTED ? undefined : (answer as RefusalReason);
  }

  private answerTo(group: number, epoch: number): number {
    const verdict = this.ownership.admits(group, epoch);
    if (verdict === 'unsaved') return UNSAVED;
    return verdict === 'refused' ? REFUSAL_REASONS.sealed : (this.host.refusalOf(group) ?? ADMITTED);
  }
}
