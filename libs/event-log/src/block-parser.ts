/**
 * Finds the blocks of a file in the pieces in which it is read. A block that lies within a piece is handed on where it lies; one
 * that begins in one piece and ends in another is put together first, in a buffer of its size, which its header has proved and
 * which the file has room for. After the first fault nothing more is taken.
 */
import { isBlockBody, isBlockHeader } from './block.js';

export interface BlockFormat {
  readonly headerBytes: number;
  readonly minBodyBytes: number;
  readonly maxBodyBytes: number;
}

/** A whole block: its header begins at `at` of the buffer, its body `headerBytes` behind that. `offset` is its place in the file. */
export type BlockVisitor = (buffer: Uint8Array, view: DataView, at: number, bodyLength: number, offset: number) => void;

export interface BlockFault {
  readonly offset: number;
  readonly problem: string;
}

const EMPTY = new Uint8Array(0);

export class BlockParser {
  fault: BlockFault | undefined;
  /** Where the next block begins. */
  offset: number;
  /** The beginning of a block whose rest is still to come. */
  private carried: Uint8Array = EMPTY;
  private carriedBytes = 0;

  /** Reads blocks from `offset` on to `end`, both places in the file. */
  constructor(
    private readonly format: BlockFormat,
    private readonly seed: number,
    offset: number,
    private readonly end: number,
    private readonly visit: BlockVisitor,
  ) {
    this.offset = offset;
  }

  /** Takes what follows in the file. */
  take(piece: Uint8Array): void {
    let at = this.complete(piece);
    if (this.fault !== undefined || this.carriedBytes > 0) return;
    const view = viewOf(piece);
    const { headerBytes } = this.format;
    while (piece.length - at >= headerBytes) {
      if (!this.checkHeader(piece, view, at)) return;
      const blockBytes = headerBytes + view.getUint32(at, true);
      if (piece.length - at < blockBytes) return this.carry(piece, at, blockBytes);
      if (!this.finish(piece, view, at)) return;
      at += blockBytes;
    }
    if (at < piece.length) this.carry(piece, at, headerBytes);
  }

  /** Says that nothing more comes. */
  finishFile(): void {
    if (this.fault === undefined && this.offset < this.end) this.fail('the block is not whole');
  }

  /** Carries on with the block that was begun; answers how much of the piece that took. */
  private complete(piece: Uint8Array): number {
    const { headerBytes } = this.format;
    let at = 0;
    while (this.carriedBytes > 0 && this.fault === undefined) {
      const taken = Math.min(this.carried.length - this.carriedBytes, piece.length - at);
      this.carried.set(piece.subarray(at, at + taken), this.carriedBytes);
      this.carriedBytes += taken;
      at += taken;
      if (this.carriedBytes < this.carried.length) return at;
      const view = viewOf(this.carried);
      if (this.carried.length === headerBytes) {
        if (this.checkHeader(this.carried, view, 0)) this.carry(this.carried, 0, headerBytes + view.getUint32(0, true));
      } else {
        this.carriedBytes = 0;
        this.finish(this.carried, view, 0);
      }
    }
    return at;
  }

  private carry(source: Uint8Array, at: number, wholeBytes: number): void {
    const carried = new Uint8Array(wholeBytes);
    carried.set(source.subarray(at));
    this.carriedBytes = source.length - at;
    this.carried = carried;
  }

  private checkHeader(buffer: Uint8Array, view: DataView, at: number): boolean {
    const { headerBytes, minBodyBytes, maxBodyBytes } = this.format;
    if (!isBlockHeader(buffer, view, at, headerBytes, this.seed)) return this.fail('the checksum of a header differs');
    const length = view.getUint32(at, true);
    if (length < minBodyBytes || length > maxBodyBytes) return this.fail(`a block of ${length} bytes`);
    if (length > this.end - this.offset - headerBytes) return this.fail('the block is not whole');
    return true;
  }

  private finish(buffer: Uint8Array, view: DataView, at: number): boolean {
    const { headerBytes } = this.format;
    if (!isBlockBody(buffer, view, at, headerBytes, this.seed)) return this.fail('the checksum of a block differs');
    const length = view.getUint32(at, true);
    this.visit(buffer, view, at, length, this.offset);
    this.offset += headerBytes + length;
    return true;
  }

  private fail(problem: string): false {
    this.fault = { offset: this.offset, problem };
    return false;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
