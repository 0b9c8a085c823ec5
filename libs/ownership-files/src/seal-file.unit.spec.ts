import * as fc from 'fast-check';
import { DecodeError } from '#libs/kernel';
import { DiskError, type Disk, type DiskCallback } from '#libs/ports';
import { decodeSeals, encodeSeals, SealFile } from './index.js';

const PARTITIONS = 8;

/** Keeps one file; operations end when the spec says so. */
class HeldDisk {
  file: Uint8Array | undefined;
  writes = 0;
  error: DiskError | undefined;
  private readonly held: (() => void)[] = [];

  readonly disk = {
    readFile: (path: string, done: DiskCallback<Uint8Array>): void => {
      const missing = new DiskError('not-found', path, 'no such file');
      const error = this.error ?? (this.file === undefined ? missing : undefined);
      this.held.push(() => done(error, this.file ?? new Uint8Array(0)));
    },
    writeFileAtomic: (_: string, bytes: Uint8Array, done: DiskCallback): void => {
      this.writes++;
      this.held.push(() => {
        if (this.error === undefined) this.file = bytes;
        done(this.error);
      });
    },
  } as Disk;

  /** One operation ends. */
  step(): void {
    this.held.shift()?.();
  }
}

function load(held: HeldDisk): {
  readonly file: SealFile;
  readonly epochs: readonly number[];
  readonly error: unknown;
} {
  const file = new SealFile(held.disk, 'seals.bin', PARTITIONS);
  let result: { epochs: readonly number[]; error: unknown } = { epochs: [], error: 'no answer' };
  file.load((error, epochs) => (result = { epochs: [...epochs], error }));
  held.step();
  return { file, ...result };
}

describe('SealFile', () => {
  it('has what was saved, and zeros before', () => {
    const held = new HeldDisk();
    const { file, epochs, error } = load(held);
    expect([error, epochs]).toEqual([undefined, new Array(PARTITIONS).fill(0)]);
    const answers: unknown[] = [];
    file.save([{ partition: 2, epoch: 7 }], (failure) => answers.push(failure));
    expect(answers).toEqual([]);
    held.step();
    expect(answers).toEqual([undefined]);
    expect(load(held).epochs).toEqual([0, 0, 7, 0, 0, 0, 0, 0]);
  });

  it('writes together what came while it was writing, and answers nothing before', () => {
    const held = new HeldDisk();
    const { file } = load(held);
    const answers: number[] = [];
    for (let epoch = 1; epoch <= 4; epoch++) file.save([{ partition: epoch, epoch }], () => answers.push(epoch));
    expect(held.writes).toBe(1);
    held.step();
    expect(answers).toEqual([1]);
    held.step();
    expect(answers).toEqual([1, 2, 3, 4]);
    expect(held.writes).toBe(2);
    expect(load(held).epochs).toEqual([0, 1, 2, 3, 4, 0, 0, 0]);
  });

  it('never goes back to a lower epoch', () => {
    const held = new HeldDisk();
    const { file } = load(held);
    file.save([{ partition: 0, epoch: 9 }], () => undefined);
    file.save([{ partition: 0, epoch: 5 }], () => undefined);
    held.step();
    held.step();
    expect(load(held).epochs[0]).toBe(9);
  });

  it('takes what its own answers ask for', () => {
    const held = new HeldDisk();
    const { file } = load(held);
    const answers: unknown[] = [];
    file.save([{ partition: 0, epoch: 1 }], () => {
      file.save([{ partition: 0, epoch: 2 }], (failure) => answers.push(failure));
    });
    held.step();
    expect(answers).toEqual([]);
    held.step();
    expect(answers).toEqual([undefined]);
    expect(load(held).epochs[0]).toBe(2);
  });

  it('writes nothing after a failure', () => {
    const held = new HeldDisk();
    const { file } = load(held);
    const answers: string[] = [];
    held.error = new DiskError('no-space', 'seals.bin', 'disk full');
    file.save([{ partition: 0, epoch: 1 }], (failure) => answers.push(String(failure)));
    held.step();
    held.error = undefined;
    file.save([{ partition: 0, epoch: 2 }], (failure) => answers.push(String(failure)));
    expect(answers).toEqual(['SealFileError: seals.bin: disk full', 'SealFileError: seals.bin: disk full']);
    expect(held.writes).toBe(1);
  });

  it('says so where it cannot be read', () => {
    const held = new HeldDisk();
    held.error = new DiskError('io', 'seals.bin', 'bad sector');
    expect(load(held).error).toMatchObject({ code: 'io', message: 'seals.bin: bad sector' });
  });

  it('finds each byte that is not what was written, and files of another length', () => {
    const bytes = encodeSeals(Uint32Array.of(1, 2, 3, 4, 5, 6, 7, 0xffffffff));
    for (let at = 0; at < bytes.length; at++) {
      const held = new HeldDisk();
      held.file = bytes.slice();
      held.file[at] ^= 1 << (at % 8);
      expect(load(held).error).toMatchObject({ code: 'damaged' });
      held.file = bytes.slice(0, at);
      expect(load(held).error).toMatchObject({ code: 'damaged' });
    }
  });

  it('refuses files of another cluster size, and whatever else they are', () => {
    expect(() => decodeSeals(encodeSeals(new Uint32Array(4)), PARTITIONS)).toThrow('4 partitions, the cluster has 8');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(() => decodeSeals(bytes, PARTITIONS)).toThrow(DecodeError);
      }),
    );
  });
});
