/**
 * What each key must hold: the version that was acknowledged last. A write whose outcome nobody knows may have happened
 * or not. Commands for a key go over one connection, so their order is known.
 */
export class KeyVersions {
  private readonly issued: Uint32Array;
  private readonly acknowledged: Uint32Array;
  /** Keys with writes of unknown outcome, and the latest of them. */
  private readonly unknown = new Map<number, number>();

  constructor(readonly keys: number) {
    this.issued = new Uint32Array(keys);
    this.acknowledged = new Uint32Array(keys);
  }

  /** The version of the next write: from 1. */
  next(key: number): number {
    return ++this.issued[key];
  }

  onAcknowledged(key: number, version: number): void {
    this.acknowledged[key] = version;
    if ((this.unknown.get(key) ?? version) < version) this.unknown.delete(key);
  }

  onUnknown(key: number, version: number): void {
    this.unknown.set(key, version);
  }

  /** Whether a key may hold this version now; 0 stands for nothing. */
  isRight(key: number, version: number): boolean {
    const acknowledged = this.acknowledged[key];
    return version === acknowledged || (version > acknowledged && version <= (this.unknown.get(key) ?? 0));
  }

  get unknownWrites(): number {
    return this.unknown.size;
  }
}
