import { BOUNDS } from '#libs/kernel';
import { BytesSetting, IntegerSetting, MillisecondsSetting } from './setting-types.js';

const KIB = 1_024;
const MIB = 1_024 * KIB;
const GIB = 1_024 * MIB;

/** Bounds that operators may change; the others stand in libs/kernel/src/bounds.ts. */
export class LimitsConfig {
  @MillisecondsSetting({
    doc: 'A request that has had no answer after this time fails.',
    env: ['HC_REQUEST_TIMEOUT_MS'],
    flag: 'request-timeout-ms',
    min: 10,
    max: 600_000,
    runtime: true,
  })
  requestTimeoutMs = 2_000;

  @MillisecondsSetting({
    doc: 'A service that was told to stop and has not finished after this time ends anyway, with exit code 1.',
    env: ['HC_SHUTDOWN_TIMEOUT_MS'],
    flag: 'shutdown-timeout-ms',
    min: 100,
    max: 600_000,
  })
  shutdownTimeoutMs = 10_000;

  @IntegerSetting({
    doc: 'Client connections of one gateway.',
    env: ['HC_MAX_CLIENTS'],
    flag: 'max-clients',
    min: 1,
    max: 1_000_000,
    runtime: true,
  })
  maxClients: number = BOUNDS.maxClients;

  @BytesSetting({
    doc: 'Longest value.',
    env: ['HC_MAX_VALUE_BYTES'],
    flag: 'max-value-bytes',
    min: KIB,
    max: BOUNDS.maxConfigurableValueBytes,
  })
  maxValueBytes: number = BOUNDS.maxValueBytes;

  @MillisecondsSetting({
    doc: 'A client that has sent nothing for this long is disconnected; 0 for never.',
    min: 0,
    max: 2_147_483_647,
    runtime: true,
  })
  clientIdleTimeoutMs = 0;

  @MillisecondsSetting({
    doc: 'Idle time after which TCP checks that a client is still there; 0 for never.',
    min: 0,
    runtime: true,
  })
  tcpKeepAliveMs = 300_000;

  @IntegerSetting({
    doc: 'Unfinished pipelined commands of one client before its requests are no longer read.',
    min: 1,
    max: 16 * MIB,
    runtime: true,
  })
  maxPipelinedCommands: number = BOUNDS.maxPipelinedCommands;

  @IntegerSetting({ doc: 'Operations that a gateway has in flight over all its clients.', min: 1, max: 16 * MIB })
  maxInFlightOperations: number = BOUNDS.maxInFlightOperations;

  @BytesSetting({
    doc: 'Replies queued for one slow client before its requests are no longer read.',
    min: 16 * KIB,
    max: GIB,
    runtime: true,
  })
  pauseClientOutputBytes: number = BOUNDS.pauseClientOutputBytes;

  @BytesSetting({
    doc: 'Replies queued for one slow client before it is disconnected.',
    min: 64 * KIB,
    max: 4 * GIB,
    runtime: true,
  })
  maxClientOutputBytes: number = BOUNDS.maxClientOutputBytes;

  @BytesSetting({
    doc: 'Unacknowledged bytes towards one storage node before the gateway stops sending to it.',
    min: BOUNDS.maxFrameBytes,
    max: GIB,
    runtime: true,
  })
  linkCreditBytes: number = BOUNDS.linkCreditBytes;

  @BytesSetting({
    doc: 'Operations that wait at a gateway while their partition changes its owner.',
    min: MIB,
    max: 4 * GIB,
    runtime: true,
  })
  maxHeldBytes: number = BOUNDS.maxHeldBytes;
}
