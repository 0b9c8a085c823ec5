import { crc32, DecodeError } from '#libs/kernel';
import { FRAME_HEADER_BYTES } from './frame.js';
import { PART_HEADER_BYTES } from './parts.js';

/**
 * Puts one message at a time together. Memory grows only as bytes really arrive; a gap, a wrong CRC or a new message id
 * drops what was there, and a part that comes twice changes nothing.
 */
export class PartAssembler {
  private incarnation = 0;
  private messageId = 0;
  private nextIndex = 0;
  private partCount = 0;
  private messageBytes = 0;
  private received = 0;
  private chunks: Uint8Array[] = [];

  constructor(private readonly maxMessageBytes: number) {}

  /** Bytes of the unfinished message that have arrived. */
  get heldBytes(): number {
    return this.received;
  }

  /** The whole message when this part was its last; the part must be a checked frame of type PART. */
  accept(part: Uint8Array): Uint8Array | undefined {
    if (part.length <= PART_HEADER_BYTES) throw new DecodeError('part is truncated');
    const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
    const index = view.getUint32(FRAME_HEADER_BYTES + 8, true);
    const isCurrent = this.isCurrent(view);
    if (isCurrent && index < this.nextIndex) return undefined;
    if (!isCurrent && index === 0) this.begin(view);
    else if (!isCurrent || index !== this.nextIndex) {
      this.drop();
      return undefined;
    }
    return this.append(part, view.getUint32(FRAME_HEADER_BYTES + 20, true));
  }

  private append(part: Uint8Array, crc: number): Uint8Array | undefined {
    const bytes = part.length - PART_HEADER_BYTES;
    if (this.received + bytes > this.messageBytes) throw this.dropped('parts exceed their message');
    if (crc32(part, PART_HEADER_BYTES, bytes) !== crc) throw this.dropped('part has a wrong CRC');
    this.chunks.push(part.slice(PART_HEADER_BYTES));
    this.received += bytes;
    this.nextIndex++;
    return this.nextIndex === this.partCount ? this.finish() : undefined;
  }

  private begin(view: DataView): void {
    this.drop();
    const partCount = view.getUint32(FRAME_HEADER_BYTES + 12, true);
    const messageBytes = view.getUint32(FRAME_HEADER_BYTES + 16, true);
    if (messageBytes > this.maxMessageBytes) throw new DecodeError(`message of ${messageBytes} bytes is too large`);
    if (partCount === 0 || partCount > messageBytes) throw new DecodeError('message has a wrong number of parts');
    this.incarnation = view.getUint32(FRAME_HEADER_BYTES, true);
    this.messageId = view.getUint32(FRAME_HEADER_BYTES + 4, true);
    this.partCount = partCount;
    this.messageBytes = messageBytes;
  }

  /** Whether the part belongs to the message that is being put together. */
  private isCurrent(view: DataView): boolean {
    return (
      this.partCount > 0 &&
      view.getUint32(FRAME_HEADER_BYTES, true) === this.incarnation &&
      view.getUint32(FRAME_HEADER_BYTES + 4, true) === this.messageId
    );
  }

  private finish(): Uint8Array {
    if (this.received !== this.messageBytes) throw this.dropped('parts fall short of their message');
    const message = new Uint8Array(this.messageBytes);
    let at = 0;
    for (const chunk of this.chunks) {
      message.set(chunk, at);
      at += chunk.length;
    }
    this.drop();
    return message;
  }

  private dropped(reason: string): DecodeError {
    this.drop();
    return new DecodeError(reason);
  }

  private drop(): void {
    this.chunks = [];
    this.received = 0;
    this.nextIndex = 0;
    this.partCount = 0;
    this.messageBytes = 0;
  }
}

/** Messages of several senders at a time, told apart by their incarnations; beyond the bound the oldest is given up. */
export class PartAssemblers {
  private readonly bySender = new Map<number, PartAssembler>();

  constructor(
    private readonly maxMessageBytes: number,
    private readonly maxAssemblies: number,
  ) {}

  /** As {@link PartAssembler.accept}. */
  accept(part: Uint8Array): Uint8Array | undefined {
    if (part.length <= PART_HEADER_BYTES) throw new DecodeError('part is truncated');
    const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
    const sender = view.getUint32(FRAME_HEADER_BYTES, true);
    const assembler = this.bySender.get(sender) ?? this.open(sender);
    try {
      return assembler.accept(part);
    } finally {
      if (assembler.heldBytes === 0) this.bySender.delete(sender);
    }
  }

  private open(sender: number): PartAssembler {
    if (this.bySender.size >= this.maxAssemblies) {
      const [oldest] = this.bySender.keys();
      this.bySender.delete(oldest);
    }
    const assembler = new PartAssembler(this.maxMessageBytes);
    this.bySender.set(sender, assembler);
    return assembler;
  }
}
