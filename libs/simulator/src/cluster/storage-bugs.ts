/** Bugs put into a storage node before its start. */
import type { StorageHost } from '#libs/storage-host';

type Ownership = StorageHost['ownership'];

/** As in the host's own table of states. */
const SERVING = 1;
const SEALED = 2;

/** The source of a move goes on taking commands while the copy is under way, and until it hears of the new owner. */
export function servesWhileSealed(host: StorageHost): void {
  let current = withoutSeals(host.ownership);
  Object.defineProperty(host, 'ownership', {
    get: () => current,
    set: (next: Ownership) => {
      current = withoutSeals(next);
    },
  });
}

function withoutSeals(ownership: Ownership): Ownership {
  const { states, epochs } = ownership;
  const judge = ownership.judge.bind(ownership);
  ownership.isServing = (partition) => states[partition] === SERVING || states[partition] === SEALED;
  ownership.judge = (partition, epoch) =>
    ownership.isServing(partition) && epochs[partition] === epoch ? 'serve' : judge(partition, epoch);
  return ownership;
}
