import type { Disk, DiskCallback, DiskFile } from '#libs/ports';

/** Opens a file that is there, lets `use` work with it, and closes it before it answers. */
export function withFile<T>(
  disk: Disk,
  path: string,
  use: (file: DiskFile, finish: DiskCallback<T>) => void,
  done: DiskCallback<T>,
): void {
  disk.open(path, { create: false }, (error, file) => {
    if (error !== undefined) return fail(done, error);
    use(file, (useError, value) => {
      file.close((closeError) => {
        const failure = useError ?? closeError;
        if (failure !== undefined) fail(done, failure);
        else done(undefined, value);
      });
    });
  });
}

/** An error's callback carries no value, as with every callback of the disk. */
function fail<T>(done: DiskCallback<T>, error: Parameters<DiskCallback>[0]): void {
  (done as DiskCallback)(error);
}
