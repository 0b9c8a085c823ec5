import { DiskError, type DiskCallback } from '#libs/ports';
import { diskErrorOf } from './disk-errors.js';
import type { FileSystemCalls } from './file-system-calls.js';

/**
 * Appends by write(2) in the call itself: a write of some KiB to the page cache takes a few microseconds, the way to the thread
 * pool and back some fifty. The answers follow in a microtask, those of one turn together, so that after warm-up an append
 * allocates nothing. Its file sees to it that nothing else is under way which such a write would have to wait for.
 */
export class InlineWriter {
  private answers: DiskCallback[] = [];
  private errors: (DiskError | undefined)[] = [];
  private spareAnswers: DiskCallback[] = [];
  private spareErrors: (DiskError | undefined)[] = [];

  constructor(
    private readonly fd: number,
    private readonly path: string,
    private readonly calls: FileSystemCalls,
  ) {}

  write(bytes: Uint8Array, done: DiskCallback): void {
    if (this.answers.length === 0) queueMicrotask(this.answerAll);
    this.errors.push(this.writeWhole(bytes));
    this.answers.push(done);
  }

  private writeWhole(bytes: Uint8Array): DiskError | undefined {
    const { fd, path, calls } = this;
    try {
      for (let from = 0; from < bytes.length;) {
        const written = calls.writeSync(fd, bytes, from, bytes.length - from);
        if (written === 0) return new DiskError('io', path, `write of ${path} failed: nothing was taken`);
        from += written;
      }
      return undefined;
    } catch (error) {
      return diskErrorOf(error as NodeJS.ErrnoException, path);
    }
  }

  private readonly answerAll = (): void => {
    const { answers, errors } = this;
    this.answers = this.spareAnswers;
    this.errors = this.spareErrors;
    for (let i = 0; i < answers.length; i++) answers[i](errors[i]);
    answers.length = 0;
    errors.length = 0;
    this.spareAnswers = answers;
    this.spareErrors = errors;
  };
}
