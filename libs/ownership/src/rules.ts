import { LEASE_MARGIN } from './bounds.js';

/**
 * The conditions on which safety rests, each in one place. A node can be built with one of them changed, so that
 * simulations can show that their checkers notice; nothing else has a use for that.
 */
export interface OwnershipRules {
  /** Seals that a candidate needs, of so many owners. */
  sealsNeeded(owners: number): number;
  /** A candidate needs its own seal as well: once that is saved, no later life of it begins the epoch again. */
  readonly sealsItself: boolean;
  /** An owner answers a seal only once what it has promised to an earlier primary has run out. */
  hasRunOut(promisedUntilMs: number, nowMs: number): boolean;
  /** What an owner that starts may have promised in an earlier life, which it does not remember. */
  forgottenPromiseMs(leaseMs: number): number;
  /** An owner acknowledges nothing of an epoch below the one that it has sealed. */
  isStale(epoch: number, sealedEpoch: number): boolean;
  /** From when the holder counts a promise. */
  promisedFrom(sentAtMs: number, arrivedAtMs: number): number;
  /** For how long the holder relies on it. */
  reliesOnFor(leaseMs: number): number;
  /** Owners of the last epoch that has certainly started must seal too, where they are others. */
  readonly sealsOutgoing: boolean;
  /** An epoch that its candidate began in an earlier life is begun by nobody again. */
  readonly isSpentByRestart: boolean;
  /** A candidate whose log is behind fetches what it lacks before it starts. */
  readonly fetchesTail: boolean;
  /** A candidate serves once its start is committed by a majority. */
  readonly servesOnceStarted: boolean;
}

export const OWNERSHIP_RULES: OwnershipRules = {
  sealsNeeded: (owners) => (owners >>> 1) + 1,
  sealsItself: true,
  hasRunOut: (promisedUntilMs, nowMs) => nowMs >= promisedUntilMs,
  forgottenPromiseMs: (leaseMs) => leaseMs,
  isStale: (epoch, sealedEpoch) => epoch < sealedEpoch,
  promisedFrom: (sentAtMs) => sentAtMs,
  reliesOnFor: (leaseMs) => leaseMs * (1 - LEASE_MARGIN),
  sealsOutgoing: true,
  isSpentByRestart: true,
  fetchesTail: true,
  servesOnceStarted: true,
};
