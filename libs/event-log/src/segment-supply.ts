/**
 * Begins segments ahead of their time, so that a rotation waits for nothing: an empty file whose name is durable. Its header is
 * written with its first batches, since where the segment before ends is only known then.
 *
 * A file that is in the place already, from an attempt that failed, is replaced at once by a new one: a name that a checkpoint
 * counts on is never missing, and what a failed sync has left does not stick to it.
 */
import type { Disk, DiskError, DiskFile } from '#libs/ports';
import type { FileNames } from './file-names.js';
import { RetryClock } from './retry-clock.js';

const EMPTY = new Uint8Array(0);

export class SegmentSupply {
  private wanted: number | undefined;
  private ready: { readonly number: number; readonly file: DiskFile } | undefined;
  private isBusy = false;
  private nowMs = 0;
  private readonly retry = new RetryClock();

  constructor(
    private readonly disk: Disk,
    private readonly names: FileNames,
    private readonly appends: 'background' | 'inline',
    private readonly listener: { onReady(): void; onError(error: DiskError): void },
  ) {}

  /** Wants this segment and no other, anew: to be called once per attempt. */
  prepare(number: number): void {
    this.ready?.file.close(() => undefined);
    this.ready = undefined;
    this.wanted = number;
    if (!this.isBusy && this.retry.isDue(this.nowMs)) this.make(number);
  }

  isPreparing(number: number): boolean {
    return this.wanted === number;
  }

  isReady(number: number): boolean {
    return this.ready?.number === number;
  }

  /** The file of a segment, once; undefined where it is not ready. */
  take(number: number): DiskFile | undefined {
    if (this.ready?.number !== number) return undefined;
    const { file } = this.ready;
    this.ready = undefined;
    this.wanted = undefined;
    return file;
  }

  tick(nowMs: number): void {
    this.nowMs = nowMs;
    const { wanted } = this;
    if (wanted !== undefined && this.ready === undefined && !this.isBusy && this.retry.isDue(nowMs)) this.make(wanted);
  }

  close(): void {
    this.ready?.file.close(() => undefined);
    this.ready = undefined;
    this.wanted = undefined;
  }

  private make(number: number): void {
    this.isBusy = true;
    const path = this.names.segment(number);
    this.disk.writeFileAtomic(path, EMPTY, (error) => {
      if (error !== undefined) return this.failed(error);
      this.disk.open(path, { create: false, appends: this.appends }, (openError, file) => {
        if (openError !== undefined) this.failed(openError);
        else this.made(number, file);
      });
    });
  }

  private made(number: number, file: DiskFile): void {
    this.isBusy = false;
    this.retry.succeeded();
    if (this.wanted === number) {
      this.ready = { number, file };
      return this.listener.onReady();
    }
    file.close(() => undefined);
    if (this.wanted !== undefined) this.make(this.wanted);
  }

  private failed(error: DiskError): void {
    this.isBusy = false;
    this.retry.failed(this.nowMs);
    this.listener.onError(error);
  }
}
