/** Nodes with a known bug: a checker that does not find them is worth nothing. */
import type { OwnershipRules } from '#libs/ownership';

export interface OwnershipMutation {
  readonly rules?: Partial<OwnershipRules>;
  /** What was saved of seals is gone after a crash. */
  readonly forgetsSeals?: boolean;
}

export interface OwnershipMutant extends OwnershipMutation {
  readonly name: string;
  readonly tells: string;
}

export const SOUND: OwnershipMutation = {};

export const OWNERSHIP_MUTANTS: readonly OwnershipMutant[] = [
  {
    name: 'seal-skipped',
    tells: 'starts an epoch once it has sealed itself, without a majority',
    rules: { sealsNeeded: () => 1 },
  },
  {
    name: 'sealed-owner-goes-on',
    tells: 'acknowledges what comes from primaries of epochs below the one that it has sealed',
    rules: { isStale: () => false },
  },
  {
    name: 'seals-under-its-promise',
    tells: 'answers a seal while its promise to an earlier primary is alive',
    rules: { hasRunOut: () => true },
  },
  {
    name: 'lease-too-long',
    tells: 'relies on promises for half as long again as they were given',
    rules: { reliesOnFor: (leaseMs) => leaseMs * 1.5 },
  },
  {
    name: 'lease-without-margin',
    tells: 'relies on promises for as long as they were given, by a clock that may be slower',
    rules: { reliesOnFor: (leaseMs) => leaseMs },
  },
  {
    name: 'lease-from-arrival',
    tells: 'counts promises from when they arrive',
    rules: { promisedFrom: (_, arrivedAtMs) => arrivedAtMs },
  },
  {
    name: 'seal-not-persisted',
    tells: 'forgets over a restart what it has sealed',
    forgetsSeals: true,
  },
  {
    name: 'restart-seals-at-once',
    tells: 'seals after a restart as if it had promised nothing before',
    rules: { forgottenPromiseMs: () => 0 },
  },
  {
    name: 'epoch-begun-twice',
    tells: 'begins the epoch again that it had begun before its restart',
    rules: { isSpentByRestart: false },
  },
  {
    name: 'own-seal-not-awaited',
    tells: 'starts an epoch before it has saved its own seal',
    rules: { sealsItself: false },
  },
  {
    name: 'tail-not-fetched',
    tells: 'starts with its own log where another owner is further',
    rules: { fetchesTail: false },
  },
  {
    name: 'serves-before-started',
    tells: 'serves before its start is committed',
    rules: { servesOnceStarted: false },
  },
  {
    name: 'outgoing-not-sealed',
    tells: 'asks the new owners alone while owners are being replaced',
    rules: { sealsOutgoing: false },
  },
];
