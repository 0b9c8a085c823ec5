/**
 * The configuration of a running service: what it was started with, and on top of that the settings that were changed for
 * the whole cluster since. What changes is said to those who asked to hear of it.
 */
import { CLUSTER_LIMITS, type TableSetting } from '#libs/cluster';
import type { SettingChange, SettingFault, SettingView } from '#libs/ports';
import { ConfigError, notAllowed, withoutCredentials } from './config-error.js';
import type { HyperCacheConfig } from './hypercache-config.js';
import { overriddenConfig } from './overridden-config.js';
import { SETTINGS, type SettingRow } from './schema.js';
import { SettingsFile } from './settings-file.js';
import { settingText } from './setting-text.js';
import { suggestionText } from './suggestion.js';
import { reasonOf } from './system-error.js';

export const CHANGED_ORIGIN = 'changed at run time';
const SECRET = '***';

const ROWS: ReadonlyMap<string, SettingRow> = new Map(SETTINGS.map((row) => [row.path, row]));

export class RuntimeConfig {
  /** Changes of the cluster that this node cannot follow, one line each: another release, or settings that contradict. */
  rejected: readonly string[] = [];
  /** What was changed for the whole cluster. */
  overrides: readonly TableSetting[] = [];
  private config: HyperCacheConfig;
  private readonly file: SettingsFile | undefined;
  private readonly listeners: ((config: HyperCacheConfig) => void)[] = [];

  constructor(private readonly base: HyperCacheConfig) {
    this.config = base;
    const { file } = base.origin;
    this.file = file === undefined ? undefined : new SettingsFile(file);
  }

  get current(): HyperCacheConfig {
    return this.config;
  }

  /** Called with each new configuration, from the next change on. */
  onChange(listener: (config: HyperCacheConfig) => void): void {
    this.listeners.push(listener);
  }

  views(): readonly SettingView[] {
    return SETTINGS.map((row) => this.viewOf(row));
  }

  /** What is wrong with changes that are to be made together; empty where nothing is. */
  faultsOf(changes: readonly SettingChange[]): readonly SettingFault[] {
    const single = changes.flatMap((change) => faultOf(change) ?? []);
    if (single.length > 0) return single;
    const kept = this.overrides.filter(({ path }) => !changes.some((change) => change.path === path));
    const added = changes.flatMap(({ path, value }) => (value === undefined ? [] : [{ path, value }]));
    try {
      this.build([...kept, ...added]);
      return [];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.lines.map((line) => faultOfLine(line, changes));
    }
  }

  /**
   * CONFIG REWRITE: the changes, into the file that the service was started with; those that it wrote before and that were
   * taken back since give way to what stood there. Answers why it could not.
   */
  rewrite(): string | undefined {
    if (this.file === undefined) return 'The server is running without a config file';
    try {
      this.file.rewrite(this.overrides);
      return undefined;
    } catch (error) {
      return `Rewriting config file: ${reasonOf(error)}`;
    }
  }

  /** Takes over the changed settings of the cluster's table. */
  follow(overrides: readonly TableSetting[]): void {
    if (sameSettings(overrides, this.overrides)) return;
    this.overrides = overrides;
    this.config = this.buildWhatFits(overrides);
    for (const listener of this.listeners) listener(this.config);
  }

  /** All changes together, since some fit only with others; where that fails, one by one. */
  private buildWhatFits(overrides: readonly TableSetting[]): HyperCacheConfig {
    const rejected: string[] = [];
    const known = overrides.filter((override) => {
      const fault = faultOf(override);
      if (fault !== undefined) rejected.push(`${fault.path}: ${fault.reason}`);
      return fault === undefined;
    });
    this.rejected = rejected;
    const together = this.buildOr(known, undefined);
    if (together !== undefined) return together;
    let config = this.base;
    const fitting: TableSetting[] = [];
    for (const override of known) {
      const next = this.buildOr([...fitting, override], rejected);
      if (next === undefined) continue;
      config = next;
      fitting.push(override);
    }
    return config;
  }

  private buildOr(overrides: readonly TableSetting[], faults: string[] | undefined): HyperCacheConfig | undefined {
    try {
      return this.build(overrides);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      faults?.push(...error.lines);
      return undefined;
    }
  }

  private build(overrides: readonly TableSetting[]): HyperCacheConfig {
    return overriddenConfig(this.base, overrides, CHANGED_ORIGIN);
  }

  private viewOf({ path, properties, setting, defaultValue }: SettingRow): SettingView {
    const shown = (value: unknown): string => {
      const text = withoutCredentials(settingText(setting, value));
      return setting.notes.secret === true && text !== '' ? SECRET : text;
    };
    return {
      path,
      value: shown(properties.reduce<unknown>((at, property) => Reflect.get(at as object, property), this.config)),
      defaultValue: shown(defaultValue),
      runtime: setting.notes.runtime === true,
      origin: this.config.origin.values.get(path)?.origin ?? 'default',
    };
  }
}

/** A fault between settings, told of the change that it names, else of the first. */
function faultOfLine(line: string, changes: readonly SettingChange[]): SettingFault {
  const text = line.replace(` (${CHANGED_ORIGIN})`, '');
  const named = changes.find(({ path }) => text.startsWith(`${path}: `));
  return named === undefined
    ? { path: changes[0].path, reason: text }
    : { path: named.path, reason: text.slice(named.path.length + 2) };
}

/** What is wrong with one change by itself. */
function faultOf({ path, value }: SettingChange): SettingFault | undefined {
  const row = ROWS.get(path);
  if (row === undefined) return { path, reason: `no such setting${suggestionText(path, [...ROWS.keys()])}` };
  const { notes, parse, allowed } = row.setting;
  if (notes.runtime !== true || parse === undefined) {
    return { path, reason: 'can be set at start only: in the file, by a variable or a flag, then restart the node' };
  }
  if (value === undefined) return undefined;
  const isShort = Buffer.byteLength(value) <= CLUSTER_LIMITS.maxSettingValueBytes;
  if (isShort && parse(value) !== undefined) return undefined;
  const rule = isShort ? allowed : `at most ${CLUSTER_LIMITS.maxSettingValueBytes} bytes`;
  return { path, reason: notAllowed(path, value, rule).slice(path.length + 2) };
}

function sameSettings(a: readonly TableSetting[], b: readonly TableSetting[]): boolean {
  return a.length === b.length && a.every(({ path, value }, i) => path === b[i].path && value === b[i].value);
}
