/** A Raft member over real files, driven as a coordinator would: write, sync, send, apply, advance. */
import { FilesDisk } from '#libs/disk-files';
import {
  configurationOf,
  MemoryLogStorage,
  RaftNode,
  type Entry,
  type Message,
  type NodeId,
  type RandomNumbers,
  type Ready,
} from '#libs/raft';
import { RaftLogFiles } from '#libs/raft-log';

const FOLDER = 'raft';

export class FileMember {
  readonly node: RaftNode;
  /** Writes that ended with an fsync. */
  syncs = 0;
  private readonly storage: MemoryLogStorage;
  private isBusy = false;

  private constructor(
    id: NodeId,
    founders: readonly NodeId[],
    private readonly files: RaftLogFiles,
    rng: RandomNumbers,
    private readonly send: (message: Message) => void,
    private readonly apply: (entries: readonly Entry[]) => void,
  ) {
    this.storage = new MemoryLogStorage(configurationOf(founders));
    this.node = new RaftNode({ id, storage: this.storage, rng });
  }

  /** In an empty folder. */
  static async create(
    folder: string,
    id: NodeId,
    founders: readonly NodeId[],
    rng: RandomNumbers,
    send: (message: Message) => void,
    apply: (entries: readonly Entry[]) => void,
  ): Promise<FileMember> {
    const files = new RaftLogFiles(new FilesDisk(folder), FOLDER);
    await new Promise<void>((resolve, reject) => {
      files.create(configurationOf(founders), (error) => (error === undefined ? resolve() : reject(error)));
    });
    return new FileMember(id, founders, files, rng, send, apply);
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.files.close((error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  /** Does what the node wants done, as long as it wants something and no write is under way. */
  work(): void {
    for (;;) {
      for (const message of this.node.takeMessages()) this.send(message);
      this.applyNow();
      if (this.isBusy || !this.node.hasReady()) return;
      const ready = this.node.ready();
      if (!ready.mustSync) {
        this.finish(ready);
        continue;
      }
      this.isBusy = true;
      this.files.write(ready, (error) => {
        if (error !== undefined) throw error;
        this.syncs++;
        this.isBusy = false;
        this.finish(ready);
        this.work();
      });
    }
  }

  private applyNow(): void {
    const committed = this.node.takeCommitted();
    if (committed.length > 0) this.apply(committed);
  }

  private finish({ hardState, snapshot, entries, messages, committed }: Ready): void {
    if (hardState !== undefined) this.storage.hardState = hardState;
    if (snapshot !== undefined) this.storage.install(snapshot);
    this.storage.append(entries);
    for (const message of messages) this.send(message);
    this.node.advance();
    if (committed.length > 0) this.apply(committed);
  }
}
