/** What entries count for, in policies that divide the store by size. */
import { UNIT_BYTES } from '../arena.js';
import { isOutside, STUB_BYTES, storedLength, VERSION_BYTES } from '../stored-record.js';
import type { PolicySettings } from './eviction-policy.js';
import type { PolicyContext } from './policy-context.js';

export class EntryCosts {
  constructor(
    private readonly context: PolicyContext,
    private readonly settings: PolicySettings,
  ) {}

  /**
   * Of the record or stub at `at`: its stored bytes, unless told otherwise. Where its address is not known (-1), the log
   * must be there; it may be elsewhere afterwards.
   */
  of(shard: number, address: number, bytes: Uint8Array, at: number): number {
    const { context, settings } = this;
    const { log } = context;
    if (settings.costOf !== undefined) return settings.costOf(address < 0 ? log.ref : log.refOf(shard, address));
    if (!isOutside(bytes[at])) return storedLength(bytes, at);
    const { bodyLength } = context.locator.parse(bytes, at);
    return Math.ceil((bodyLength + VERSION_BYTES) / UNIT_BYTES) * UNIT_BYTES + STUB_BYTES;
  }

  /** What all entries together may count for where that is given, else what they do now. */
  capacity(nowStored: number): number {
    return this.settings.capacity ?? nowStored;
  }
}
