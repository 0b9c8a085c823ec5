/** A store engine as the source of its filter's keys. */
import { ALL_DATABASES, EntryView, type StoreEngine } from '#libs/engine';
import type { KeyVisitor, ShardKeys } from './shard-keys.js';

export class EngineKeys implements ShardKeys {
  private readonly view = new EntryView();

  constructor(private readonly engine: StoreEngine) {}

  count(partition: number): number {
    return this.engine.count(partition);
  }

  scan(partition: number, fromPrefix: number, maxKeys: number, visit: KeyVisitor): number {
    const { engine, view } = this;
    return engine.scan(partition, ALL_DATABASES, fromPrefix, maxKeys, (ref) => {
      engine.read(ref, view);
      visit(engine.hashOf(view.database, view.buffer, view.keyOffset, view.keyLength), engine.hashLow);
    });
  }
}
