import { crc16, latin1Bytes } from '#libs/kernel';
import { BytesSetting, ChoiceSetting, MillisecondsSetting, TokenSetting } from './setting-types.js';

export const STORE_TYPES = ['general', 'ttl-only', 'session'] as const;
export type StoreType = (typeof STORE_TYPES)[number];

/** The store of `SELECT 0` to `SELECT 15`; it is there whether it is listed or not. */
export const DEFAULT_STORE = 'default';

const MIB = 1_024 * 1_024;

/** A named cache. */
export class StoreConfig {
  @TokenSetting({ doc: 'Name, for `SELECT <name>` and REST; `default` is the store of the numbered databases.' })
  name = DEFAULT_STORE;

  @ChoiceSetting({ doc: 'What it holds, which decides what is evicted.', choices: STORE_TYPES })
  type: StoreType = 'general';

  @BytesSetting({ doc: 'Memory on each storage node; 0 for `memory.default_limit`.', min: 0, max: 2 ** 20 * MIB })
  memoryLimit = 0;

  @MillisecondsSetting({
    doc: 'Time to live of entries that are written without one; 0 for ever.',
    min: 0,
    max: 3_153_600_000_000,
  })
  defaultTtlMs = 0;
}

/**
 * The store's number on the wire and in the table. It follows from the name alone, so that it stays when stores are
 * listed in another order; two names that meet are refused when the configuration is loaded.
 */
export function storeId(name: string): number {
  if (name === DEFAULT_STORE) return 0;
  return crc16(latin1Bytes(name), 0, name.length) || 1;
}

export function defaultStore(): StoreConfig {
  return new StoreConfig();
}
