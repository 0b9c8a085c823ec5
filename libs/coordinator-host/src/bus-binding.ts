/** The coordinator's inbound subjects on the bus port. */
import type { Bus, BusSubscription } from '#libs/ports';
import type { Subjects } from '#libs/wire';

export interface CoordinatorInbound {
  onHeartbeat(bytes: Uint8Array): void;
  onLeave(bytes: Uint8Array): void;
  onTableRequest(): Uint8Array | undefined;
  onEventsRequest(bytes: Uint8Array): Uint8Array | undefined;
  onMoveFinished(bytes: Uint8Array, reply: (bytes: Uint8Array) => void): void;
  onEpochReports(bytes: Uint8Array, reply: (bytes: Uint8Array) => void): void;
  onChange(bytes: Uint8Array, reply: (bytes: Uint8Array) => void): void;
}

export function subscribeCoordinator(bus: Bus, subjects: Subjects, host: CoordinatorInbound): BusSubscription[] {
  const answer = (replyTo: string | undefined, bytes: Uint8Array | undefined): void => {
    if (replyTo !== undefined && bytes !== undefined) bus.publish(replyTo, bytes);
  };
  return [
    bus.subscribe(subjects.heartbeat, ({ payload }) => host.onHeartbeat(payload)),
    bus.subscribe(subjects.leave, ({ payload }) => host.onLeave(payload)),
    bus.subscribe(subjects.tableRequest, ({ replyTo }) => answer(replyTo, host.onTableRequest())),
    bus.subscribe(subjects.events, ({ payload, replyTo }) => answer(replyTo, host.onEventsRequest(payload))),
    bus.subscribe(subjects.moveFinished, ({ payload, replyTo }) =>
      host.onMoveFinished(payload, (reply) => answer(replyTo, reply)),
    ),
    bus.subscribe(subjects.epochReports, ({ payload, replyTo }) =>
      host.onEpochReports(payload, (reply) => answer(replyTo, reply)),
    ),
    bus.subscribe(subjects.change, ({ payload, replyTo }) => host.onChange(payload, (reply) => answer(replyTo, reply))),
  ];
}
