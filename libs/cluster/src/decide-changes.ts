/** Decides changes that somebody asks for. Several changes are decided one upon the other, and all or none. */
import { assertNever, utf8Bytes } from '#libs/kernel';
import type { ClusterChange } from './cluster-change.js';
import type { Decision, Refusal } from './cluster-command.js';
import type { ClusterEvent } from './cluster-event.js';
import type { ClusterState } from './cluster-state.js';
import type { ClusterTable, TableStore } from './cluster-table.js';
import { decideNodeChange } from './decide-node-changes.js';
import { refusedAs as refused } from './decide-parts.js';
import { evolve } from './evolve.js';
import { CLUSTER_LIMITS } from './limits.js';
import { replicasObstacle } from './replication.js';
import { nextStoreId } from './store-ids.js';
import {
  alteredStore,
  DEFAULT_STORE_ID,
  DEFAULT_STORE_NAME,
  isSameDefinition,
  type StoreDefinition,
} from './store-definition.js';
import { storeFaults } from './store-faults.js';

const NO_COORDINATORS: ReadonlySet<string> = new Set();
const SETTING_PATH = /^[a-z0-9_]+(\.[a-z0-9_]+)*$/;

export function decideChanges(
  before: ClusterState,
  table: ClusterTable,
  requestId: string,
  changes: readonly ClusterChange[],
  coordinators: ReadonlySet<string> = NO_COORDINATORS,
): Decision {
  if (requestId !== '' && before.requests.has(requestId)) return { ok: true, events: [] };
  if (changes.length > CLUSTER_LIMITS.maxChangesAtOnce) {
    return refused('full', `${changes.length} changes at once; at most ${CLUSTER_LIMITS.maxChangesAtOnce} are taken`);
  }
  const events: ClusterEvent[] = [];
  let made: readonly ClusterEvent[] = [];
  let state = before;
  for (const change of changes) {
    // What a change has made is there for the next one; of the last one whoever asked makes a state.
    state = made.reduce(evolve, state);
    const outcome = decideChange(state, state.table ?? table, requestId, change, coordinators) ?? [];
    if ('ok' in outcome) return outcome;
    made = 'type' in outcome ? [outcome] : outcome;
    events.push(...made);
  }
  return { ok: true, events };
}

/** Undefined where nothing is left to do. */
function decideChange(
  state: ClusterState,
  table: ClusterTable,
  requestId: string,
  change: ClusterChange,
  coordinators: ReadonlySet<string>,
): ClusterEvent | readonly ClusterEvent[] | Refusal | undefined {
  switch (change.type) {
    case 'CreateStore':
      return createStore(state, table, requestId, change.definition);
    case 'AlterStore': {
      const store = find(table, change.name);
      if (store === undefined) return unknownStore(table, change.name);
      const altered = alteredStore(store, change.changes);
      if (isSameDefinition(store, altered)) return undefined;
      return refusedDefinition(table, altered, store.replicas) ?? { type: 'StoreAltered', store: altered, requestId };
    }
    case 'DropStore':
      return dropStore(table, requestId, change.name);
    case 'ChangeSetting':
      return changeSetting(table, requestId, change.path, change.value);
    case 'ResetSetting': {
      const { path } = change;
      const isChanged = table.settings.some((setting) => setting.path === path);
      return isChanged ? { type: 'SettingReset', path, requestId } : undefined;
    }
    case 'DrainNode':
    case 'UndrainNode':
    case 'ForgetNode':
    case 'MovePrimary':
    case 'Rebalance':
    case 'CancelMoves':
      return decideNodeChange(state, table, requestId, change, coordinators);
    default:
      return assertNever(change);
  }
}

function createStore(
  state: ClusterState,
  table: ClusterTable,
  requestId: string,
  definition: StoreDefinition,
): ClusterEvent | Refusal {
  if (find(table, definition.name) !== undefined) {
    return refused('exists', `there is a store "${definition.name}" already`);
  }
  if (table.stores.length >= CLUSTER_LIMITS.maxStores) {
    return refused('full', `there are ${CLUSTER_LIMITS.maxStores} stores already, and no more are allowed`);
  }
  const isDefault = definition.name === DEFAULT_STORE_NAME;
  const id = isDefault ? DEFAULT_STORE_ID : nextStoreId(table.stores, state.lastStoreId);
  const store = { ...definition, id };
  return refusedDefinition(table, store) ?? { type: 'StoreDefined', store, requestId };
}

function dropStore(table: ClusterTable, requestId: string, name: string): ClusterEvent | Refusal {
  if (name === DEFAULT_STORE_NAME) return refused('invalid', `the store "${DEFAULT_STORE_NAME}" cannot be dropped`);
  const store = find(table, name);
  return store === undefined
    ? unknownStore(table, name)
    : { type: 'StoreDropped', id: store.id, name: store.name, requestId };
}

function changeSetting(
  table: ClusterTable,
  requestId: string,
  path: string,
  value: string,
): ClusterEvent | Refusal | undefined {
  const { maxSettings, maxSettingPathLength, maxSettingValueBytes } = CLUSTER_LIMITS;
  const known = table.settings.find((setting) => setting.path === path);
  if (known?.value === value) return undefined;
  if (path.length > maxSettingPathLength || !SETTING_PATH.test(path)) {
    return refused('invalid', `setting ${JSON.stringify(path.slice(0, maxSettingPathLength))}: not a setting's path`);
  }
  if (utf8Bytes(value).length > maxSettingValueBytes) {
    return refused('invalid', `setting ${path}: the value has more than ${maxSettingValueBytes} bytes`);
  }
  if (known === undefined && table.settings.length >= maxSettings) {
    return refused('full', `${maxSettings} settings have been changed already, and no more are allowed`);
  }
  return { type: 'SettingChanged', path, value, requestId };
}

/** A factor that the store has already may be more than the cluster can do, and stays. */
function refusedDefinition(table: ClusterTable, store: TableStore, replicasBefore = 1): Refusal | undefined {
  const faults = storeFaults(store);
  if (faults.length > 0) return refused('invalid', faults.join('; '));
  const obstacle = store.replicas > replicasBefore ? replicasObstacle(table, store.replicas) : undefined;
  if (obstacle !== undefined) return refused('invalid', obstacle);
  const others = table.stores.filter(({ id }) => id !== store.id);
  const prefixes = [...others, store].reduce((sum, { ttlPrefixes }) => sum + ttlPrefixes.length, 0);
  const { maxTtlPrefixesInAll } = CLUSTER_LIMITS;
  if (prefixes <= maxTtlPrefixesInAll) return undefined;
  return refused('full', `${prefixes} TTL prefixes over all stores; at most ${maxTtlPrefixesInAll} are allowed`);
}

function find(table: ClusterTable, name: string): TableStore | undefined {
  return table.stores.find((store) => store.name === name);
}

/** Names of stores that a message lists. */
const MAX_LISTED_STORES = 10;

function unknownStore(table: ClusterTable, name: string): Refusal {
  const names = table.stores.slice(0, MAX_LISTED_STORES).map((store) => store.name);
  const more = table.stores.length > MAX_LISTED_STORES ? ', ...' : '';
  return refused(
    'unknown',
    `there is no store ${JSON.stringify(name.slice(0, 64))}; stores: ${names.join(', ')}${more}`,
  );
}
