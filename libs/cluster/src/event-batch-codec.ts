/**
 * Cluster events as coordinators replicate them: a batch says how many events there were before it, when its leader
 * decided it, and what happened. Little-endian: index of the last event before (u64), wall clock (u64), number of
 * events (u16), then each event as its code (u8) and the fields of its row in `event-fields.ts`. The codes are part
 * of the protocol: an event that gets another field gets another code, and keeps the earlier row where that says all.
 */
import { ByteReader, ByteWriter, DecodeError } from '#libs/kernel';
import type { ClusterEvent, ClusterEventName } from './cluster-event.js';
import { check } from './decode.js';
import { EARLIER_ROWS, EVENT_ROWS, type FieldCodec } from './event-fields.js';
import { CLUSTER_LIMITS } from './limits.js';

/** The version of the format: that of the log entry. */
export const EVENT_BATCH_VERSION = 1;

export interface EventBatch {
  /** The events before this batch; it counts only where it follows on them. */
  readonly baseEventIndex: number;
  /** Wall-clock milliseconds since the Unix epoch, as the leader read it. */
  readonly atMs: number;
  readonly events: readonly ClusterEvent[];
}

interface Row {
  readonly code: number;
  readonly fields: Readonly<Record<string, FieldCodec<unknown>>>;
  fits?(event: ClusterEvent): boolean;
  completed?(event: ClusterEvent): ClusterEvent;
}
type Rows = Readonly<Partial<Record<ClusterEventName, Row>>>;

const ROWS = EVENT_ROWS as unknown as Required<Rows>;
const EARLIER = EARLIER_ROWS as unknown as Rows;
const BY_CODE = new Map(
  [ROWS, EARLIER].flatMap((rows) => Object.entries(rows).map(([name, row]) => [row.code, { name, row }] as const)),
);

export function encodeEventBatch(batch: EventBatch): Uint8Array {
  const writer = new ByteWriter();
  writeEventBatch(writer, batch);
  return writer.toBytes();
}

export function writeEventBatch(writer: ByteWriter, { baseEventIndex, atMs, events }: EventBatch): void {
  writer.u53(baseEventIndex);
  writer.u53(atMs);
  writer.u16(events.length);
  for (const event of events) {
    const earlier = EARLIER[event.type];
    const { code, fields } = earlier?.fits?.(event) === true ? earlier : ROWS[event.type];
    writer.u8(code);
    for (const [name, field] of Object.entries(fields)) field.write(writer, Reflect.get(event, name));
  }
}

/** Throws DecodeError; `bytes` are not kept. */
export function decodeEventBatch(bytes: Uint8Array): EventBatch {
  const reader = new ByteReader(bytes);
  const baseEventIndex = reader.u53();
  const atMs = reader.u53();
  const count = reader.u16();
  check(count <= CLUSTER_LIMITS.maxEventsAtOnce, `${count} events at once: too many`);
  const events: ClusterEvent[] = [];
  for (let i = 0; i < count; i++) events.push(readEvent(reader));
  if (reader.remaining > 0) throw new DecodeError(`${reader.remaining} bytes after a batch of events`);
  return { baseEventIndex, atMs, events };
}

function readEvent(reader: ByteReader): ClusterEvent {
  const code = reader.u8();
  const known = BY_CODE.get(code);
  check(known !== undefined, `cluster event ${code}: unknown to this release`);
  const { name: type, row } = known;
  const fields: Record<string, unknown> = { type };
  for (const [name, field] of Object.entries(row.fields)) fields[name] = field.read(reader);
  const event = fields as unknown as ClusterEvent;
  return row.completed?.(event) ?? event;
}
