/** The control plane's messages as a coordinator takes them: bytes in, bytes out. */
import {
  decodeChangeRequest,
  decodeEpochReports,
  decodeEventsRequest,
  decodeHeartbeat,
  decodeLeave,
  decodeMoveFinished,
  encodeChangeReply,
  encodeEpochReportsReply,
  encodeEventsReply,
  encodeMoveFinishedReply,
  type ChangeReply,
  type ChangeRequest,
  type EpochReports,
  type Heartbeat,
  type Leave,
  type MoveFinished,
} from '#libs/cluster';
import { DecodeError } from '#libs/kernel';
import type { CoordinatorInbound } from './bus-binding.js';
import type { LimitedLog } from './limited-log.js';
import type { Publisher } from './publisher.js';
import type { StateKeeper } from './state/state-keeper.js';

export interface ControlInboxHandlers {
  onHeartbeat(heartbeat: Heartbeat): void;
  onLeave(leave: Leave): void;
  /** Whether a request for changes is any of this coordinator's business: mostly another one leads, and answers. */
  takesChanges(): boolean;
  /** Of the process that is the node. */
  onPromotionsFailed(reports: EpochReports): void;
  change(request: ChangeRequest, onDone: (reply: ChangeReply) => void): void;
}

export class ControlInbox implements CoordinatorInbound {
  readonly count = { heartbeats: 0, malformed: 0 };
  private isClosed = false;

  constructor(
    private readonly keeper: StateKeeper,
    private readonly publisher: Publisher,
    private readonly log: LimitedLog,
    private readonly handlers: ControlInboxHandlers,
  ) {}

  /** Takes and answers nothing any more. */
  close(): void {
    this.isClosed = true;
  }

  onHeartbeat(bytes: Uint8Array): void {
    if (this.isClosed) return;
    const heartbeat = this.decoded(decodeHeartbeat, bytes);
    if (heartbeat === undefined) return;
    this.count.heartbeats++;
    this.handlers.onHeartbeat(heartbeat);
  }

  onLeave(bytes: Uint8Array): void {
    if (this.isClosed) return;
    const leave = this.decoded(decodeLeave, bytes);
    if (leave !== undefined) this.handlers.onLeave(leave);
  }

  /** The table that the group has agreed on, as far as this coordinator knows, or no bytes while there is none; undefined once closed. */
  onTableRequest(): Uint8Array | undefined {
    return this.isClosed ? undefined : this.publisher.tableBytes;
  }

  /** Events as far as this coordinator has applied them; undefined for what is no request. */
  onEventsRequest(bytes: Uint8Array): Uint8Array | undefined {
    if (this.isClosed) return undefined;
    const request = this.decoded(decodeEventsRequest, bytes);
    if (request === undefined) return undefined;
    const { history } = this.keeper.replicated;
    const { firstIndex, lastIndex } = history;
    return encodeEventsReply({ firstIndex, lastIndex, notices: history.from(request.since, request.limit) });
  }

  /**
   * `reply` is called once the group has agreed on the outcome. It is never called while that cannot be said, so a source
   * without an answer asks again and keeps the partition sealed until an answer or the table tells.
   */
  onMoveFinished(bytes: Uint8Array, reply: (bytes: Uint8Array) => void): void {
    if (this.isClosed) return;
    const report = this.decoded<MoveFinished>(decodeMoveFinished, bytes);
    if (report === undefined) return;
    const outcome = this.keeper.apply({ type: 'FinishMove', report });
    if (!outcome.ok && 'blocked' in outcome) return;
    const { eventIndex, table } = this.keeper.state;
    const answer = encodeMoveFinishedReply({
      accepted: outcome.ok && !(report.ok && outcome.events.some(({ type }) => type === 'MoveAborted')),
      reason: outcome.ok ? '' : outcome.reason,
      tableVersion: table?.tableVersion ?? 0,
    });
    this.keeper.whenAgreed(eventIndex, () => reply(answer));
  }

  /** Like the above: who hears nothing reports again. What has failed is answered as heard, and seen to later. */
  onEpochReports(bytes: Uint8Array, reply: (bytes: Uint8Array) => void): void {
    if (this.isClosed) return;
    const reports = this.decoded<EpochReports>(decodeEpochReports, bytes);
    if (reports === undefined) return;
    const outcome = this.keeper.apply({ type: 'ReportServed', reports });
    if (!outcome.ok) return;
    if (reports.failed.length > 0) this.handlers.onPromotionsFailed(reports);
    const { eventIndex, table } = this.keeper.state;
    const answer = encodeEpochReportsReply({ tableVersion: table?.tableVersion ?? 0 });
    this.keeper.whenAgreed(eventIndex, () => reply(answer));
  }

  onChange(bytes: Uint8Array, reply: (bytes: Uint8Array) => void): void {
    if (this.isClosed || !this.handlers.takesChanges()) return;
    let request: ChangeRequest;
    try {
      request = decodeChangeRequest(bytes);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.count.malformed++;
      return reply(encodeChangeReply({ accepted: false, code: 'invalid', reason: error.message }));
    }
    this.handlers.change(request, (outcome) => reply(encodeChangeReply(outcome)));
  }

  private decoded<T>(decode: (bytes: Uint8Array) => T, bytes: Uint8Array): T | undefined {
    try {
      return decode(bytes);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.count.malformed++;
      this.log.log('WARN', 'COORDINATOR', `a message was dropped: ${error.message}`);
      return undefined;
    }
  }
}
