import {
  alteredStore,
  DEFAULT_STORE_NAME,
  type ClusterChange,
  type StoreChanges,
  type StoreDefinition,
  inWordsOf,
  storeFaults,
  storeFromPreset,
} from '#libs/cluster';
import type { RuntimeSettings, SettingsPlan } from '#libs/commands';
import type { SettingChange } from '#libs/ports';
import type { GatewayOptions } from './options.js';
import { DEFAULT_STORE_SETTINGS, REDIS_ALIASES, SettingRefusal } from './redis-settings.js';
import type { SettingsSource } from './settings-source.js';

/** What is shown until the cluster's table has come. */
const UNKNOWN_STORE = storeFromPreset('general', { name: DEFAULT_STORE_NAME });
/** Takes a change back. */
const BACK_TO_START = 'default';
const IMMUTABLE = "can't set immutable config";

/**
 * What CONFIG GET and CONFIG SET see: every setting by its path, and Redis's own names, which answer what they mean here,
 * so that clients and tools that look at them decide right.
 */
export class GatewaySettings implements RuntimeSettings {
  private readonly fixed: ReadonlyMap<string, string>;

  constructor(
    options: GatewayOptions,
    private readonly source: SettingsSource,
    private readonly onReset: () => void,
    /** Undefined until the cluster's table has come. */
    private readonly defaultStore: () => StoreDefinition | undefined,
  ) {
    this.fixed = new Map([
      ['bind', options.advertise.host],
      ['cluster-enabled', options.mode === 'cluster' ? 'yes' : 'no'],
      ['databases', '16'],
      ['port', String(options.advertise.respPort)],
      ['proto-max-bulk-len', String(options.maxValueBytes)],
      ['save', ''],
    ]);
  }

  all(): ReadonlyMap<string, string> {
    const views = new Map(this.source.views().map(({ path, value }) => [path, value]));
    const store = this.defaultStore() ?? UNKNOWN_STORE;
    const rows: (readonly [string, string])[] = [...this.fixed, ...views];
    for (const [name, { path, toRedis }] of REDIS_ALIASES) {
      const value = views.get(path);
      if (value !== undefined) rows.push([name, toRedis(value)]);
    }
    for (const [name, row] of DEFAULT_STORE_SETTINGS) rows.push([name, row.read(store)]);
    return new Map(rows.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  plan(wanted: ReadonlyMap<string, string>): SettingsPlan {
    const settings = new Map<string, SettingChange & { readonly name: string }>();
    const stores: StoreChanges[] = [];
    for (const [name, value] of wanted) {
      const ofStore = DEFAULT_STORE_SETTINGS.get(name)?.parse(value);
      if (ofStore instanceof SettingRefusal) return { ok: false, name, reason: ofStore.reason };
      if (ofStore !== undefined) {
        stores.push(ofStore);
        continue;
      }
      if (this.fixed.has(name)) return { ok: false, name, reason: IMMUTABLE };
      const change = changeOf(name, value);
      if (change instanceof SettingRefusal) return { ok: false, name, reason: change.reason };
      if (settings.has(change.path)) return { ok: false, name, reason: 'duplicate parameter' };
      settings.set(change.path, { ...change, name });
    }
    const [fault] = this.source.faultsOf([...settings.values()]);
    if (fault !== undefined) {
      return { ok: false, name: settings.get(fault.path)?.name ?? fault.path, reason: fault.reason };
    }
    const storeChanges: StoreChanges = Object.assign({}, ...stores);
    const storeFault = this.faultOfStore(storeChanges);
    if (storeFault !== undefined) return { ok: false, name: undefined, reason: storeFault };
    return { ok: true, changes: [...[...settings.values()].map(clusterChange), ...storeChange(storeChanges)] };
  }

  rewrite(): string | undefined {
    return this.source.rewrite();
  }

  resetStatistics(): void {
    this.onReset();
  }

  private faultOfStore(changes: StoreChanges): string | undefined {
    const store = this.defaultStore();
    return store === undefined ? undefined : storeFaults(alteredStore(store, changes)).map(inRedisWords)[0];
  }
}

/** Of the fields, only these can be set by names of Redis. */
function inRedisWords(fault: string): string {
  return inWordsOf(
    { memoryLimitBytes: 'maxmemory', policy: 'maxmemory-policy', evictionScope: 'maxmemory-policy' },
    fault,
  );
}

function changeOf(name: string, value: string): SettingChange | SettingRefusal {
  const alias = REDIS_ALIASES.get(name);
  if (value.toLowerCase() === BACK_TO_START) return { path: alias?.path ?? name, value: undefined };
  if (alias === undefined) return { path: name, value };
  const text = alias.fromRedis(value);
  return text instanceof SettingRefusal ? text : { path: alias.path, value: text };
}

function clusterChange({ path, value }: SettingChange): ClusterChange {
  return value === undefined ? { type: 'ResetSetting', path } : { type: 'ChangeSetting', path, value };
}

function storeChange(changes: StoreChanges): readonly ClusterChange[] {
  if (Object.keys(changes).length === 0) return [];
  return [{ type: 'AlterStore', name: DEFAULT_STORE_NAME, changes }];
}
