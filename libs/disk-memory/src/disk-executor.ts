import { DiskError, type DiskCallback, type DiskErrorCode } from '#libs/ports';

/** Runs an operation later, never before it has returned. Calls for one file take effect in order whatever it does. */
export type RunLater = (operation: () => void) => void;

export type DiskOperation =
  | 'open'
  | 'readFile'
  | 'writeFileAtomic'
  | 'list'
  | 'remove'
  | 'rename'
  | 'append'
  | 'read'
  | 'sync'
  | 'truncate'
  | 'size';

/** Asked before every operation; an error code makes that operation fail without an effect. */
export type DiskFault = (operation: DiskOperation, path: string) => DiskErrorCode | undefined;

/** Gives each operation its turn, its injected fault and its answer. */
export class DiskExecutor {
  constructor(
    readonly runLater: RunLater,
    private readonly fault: DiskFault,
  ) {}

  /** Runs `operation` and answers what it returns, or the DiskError that it throws. */
  perform<T>(name: DiskOperation, path: string, done: DiskCallback<T>, operation: () => T): void {
    let value: T;
    try {
      const code = this.fault(name, path);
      if (code) throw new DiskError(code, path, `${name} of ${path} failed`);
      value = operation();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      return answer(done, error);
    }
    done(undefined, value);
  }
}

/** An error's callback carries no value, as with every callback of Node. */
export function answer<T>(done: DiskCallback<T>, error: DiskError): void {
  (done as (error: DiskError) => void)(error);
}
