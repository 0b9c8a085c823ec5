import { Controller, Inject } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { CoordinatorHost } from '#libs/coordinator-host';
import type { BusPattern } from './bus-transport.js';

/** Inbound messages of the control plane, as protobuf bytes; the host decides everything. */
@Controller()
export class CoordinatorController {
  constructor(@Inject(CoordinatorHost) private readonly host: CoordinatorHost) {}

  @EventPattern<BusPattern>('heartbeat')
  heartbeat(@Payload() payload: Uint8Array): void {
    this.host.inbox.onHeartbeat(payload);
  }

  @EventPattern<BusPattern>('leave')
  leave(@Payload() payload: Uint8Array): void {
    this.host.inbox.onLeave(payload);
  }

  @MessagePattern<BusPattern>('tableRequest')
  tableRequest(): Uint8Array | undefined {
    return this.host.inbox.onTableRequest();
  }

  @MessagePattern<BusPattern>('events')
  events(@Payload() payload: Uint8Array): Uint8Array | undefined {
    return this.host.inbox.onEventsRequest(payload);
  }

  /** Without an answer the source asks again, so a Promise that never settles is in order. */
  @MessagePattern<BusPattern>('moveFinished')
  moveFinished(@Payload() payload: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve) => this.host.inbox.onMoveFinished(payload, resolve));
  }

  /** As above: a storage node reports again. */
  @MessagePattern<BusPattern>('epochReports')
  epochReports(@Payload() payload: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve) => this.host.inbox.onEpochReports(payload, resolve));
  }

  /** As above: a gateway asks again, with the same request id. */
  @MessagePattern<BusPattern>('change')
  change(@Payload() payload: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve) => this.host.inbox.onChange(payload, resolve));
  }
}
