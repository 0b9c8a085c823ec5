/** The kinds of settings, as decorators for the section classes. */
import { Type } from 'class-transformer';
import { isSubjectToken } from '#libs/wire';
import { ValidateBy, ValidateNested } from '#libs/validation';
import { addSection, addSetting, settingDecorator, type SectionClass, type SettingNotes } from './setting.js';
import { formatBytes, parseBoolean, parseBytes, parseInteger, parseNumber, parseTextList } from './values.js';

interface Range {
  readonly min: number;
  readonly max: number;
}

const MAX_TEXT_LENGTH = 4_096;

export function IntegerSetting(notes: SettingNotes & Range): PropertyDecorator {
  const { min, max } = notes;
  const parse = (raw: unknown): number | undefined => within(parseInteger(raw), min, max);
  return settingDecorator({ allowed: `an integer from ${min} to ${max}`, parse }, notes);
}

/** A duration in whole milliseconds; a day at the most unless said otherwise. */
export function MillisecondsSetting(notes: SettingNotes & Partial<Range>): PropertyDecorator {
  return IntegerSetting({ min: 1, max: 86_400_000, ...notes });
}

export function PortSetting(notes: SettingNotes): PropertyDecorator {
  return IntegerSetting({ ...notes, min: 0, max: 65_535 });
}

/** A number of bytes, or a text such as `256mb` (units of 1024, as Redis's). */
export function BytesSetting(notes: SettingNotes & Range): PropertyDecorator {
  const { min, max } = notes;
  const parse = (raw: unknown): number | undefined => within(parseBytes(raw), min, max);
  const allowed = `a size from ${formatBytes(min)} to ${formatBytes(max)}, such as 65536, 512kb, 256mb or 2gb`;
  return settingDecorator({ allowed, parse }, notes);
}

/** A number that need not be whole. */
export function NumberSetting(notes: SettingNotes & Range): PropertyDecorator {
  const { min, max } = notes;
  const parse = (raw: unknown): number | undefined => within(parseNumber(raw), min, max);
  return settingDecorator({ allowed: `a number from ${min} to ${max}`, parse }, notes);
}

export function BooleanSetting(notes: SettingNotes): PropertyDecorator {
  return settingDecorator({ allowed: 'true or false', parse: parseBoolean }, notes);
}

export function TextSetting(
  notes: SettingNotes & { readonly pattern?: RegExp; readonly allowed?: string },
): PropertyDecorator {
  const pattern = notes.pattern;
  const parse = (raw: unknown): string | undefined => {
    const text = typeof raw === 'number' ? String(raw) : raw;
    if (typeof text !== 'string' || text.length > MAX_TEXT_LENGTH) return undefined;
    return pattern === undefined || pattern.test(text) ? text : undefined;
  };
  return settingDecorator({ allowed: notes.allowed ?? 'a text', parse }, notes);
}

/** A name that is one token of a bus subject; empty where `optional`. */
export function TokenSetting(notes: SettingNotes & { readonly optional?: boolean }): PropertyDecorator {
  const optional = notes.optional === true;
  const parse = (raw: unknown): string | undefined => {
    const text = typeof raw === 'number' ? String(raw) : raw;
    return typeof text === 'string' && ((optional && text === '') || isSubjectToken(text)) ? text : undefined;
  };
  return settingDecorator({ allowed: '1 to 64 letters, digits, "-" and "_"', parse }, notes);
}

export function ChoiceSetting(notes: SettingNotes & { readonly choices: readonly string[] }): PropertyDecorator {
  const parse = (raw: unknown): string | undefined =>
    typeof raw === 'string' ? notes.choices.find((choice) => choice.toLowerCase() === raw.toLowerCase()) : undefined;
  return settingDecorator({ allowed: `one of ${notes.choices.join(', ')}`, parse }, notes);
}

/** A list of texts; as one text its elements are separated by commas. */
export function TextListSetting(
  notes: SettingNotes & { readonly pattern: RegExp; readonly allowed: string; readonly minLength?: number },
): PropertyDecorator {
  const parse = (raw: unknown): readonly string[] | undefined => {
    const list = parseTextList(raw);
    if (list === undefined || list.length < (notes.minLength ?? 0)) return undefined;
    return list.every((text) => text.length <= MAX_TEXT_LENGTH && notes.pattern.test(text)) ? list : undefined;
  };
  return settingDecorator({ allowed: notes.allowed, parse }, notes);
}

/** Levels of components: a mapping, or one text such as `RAFT=DEBUG,GATEWAY=TRACE`. */
export function LevelsSetting(
  notes: SettingNotes & { readonly components: readonly string[]; readonly levels: readonly string[] },
): PropertyDecorator {
  const { components, levels } = notes;
  const parse = (raw: unknown): Readonly<Record<string, string>> | undefined => {
    const pairs = levelPairs(raw);
    if (pairs === undefined) return undefined;
    const upper = pairs.map(([component, level]) => [component.toUpperCase(), String(level).toUpperCase()] as const);
    const valid = upper.every(([component, level]) => components.includes(component) && levels.includes(level));
    return valid ? Object.fromEntries(upper) : undefined;
  };
  const allowed = `COMPONENT=LEVEL pairs with the components ${components.join(', ')} and the levels ${levels.join(', ')}`;
  return settingDecorator({ allowed, parse }, notes);
}

/** A list of mappings, each of them one `element`. */
export function ListSetting(element: SectionClass, notes: SettingNotes): PropertyDecorator {
  return (target, property) => {
    addSetting(target, property, { allowed: 'a list of mappings', notes, element });
    Type(() => element)(target, String(property));
    ValidateBy({
      name: 'list',
      validator: { validate: (value) => Array.isArray(value), defaultMessage: () => 'a list of mappings' },
    })(target, property);
    ValidateNested({ each: true })(target, property);
  };
}

export function SectionOf(type: SectionClass, doc: string): PropertyDecorator {
  return (target, property) => {
    addSection(target, property, doc, type);
    Type(() => type)(target, String(property));
    ValidateNested()(target, property);
  };
}

function within(value: unknown, min: number, max: number): number | undefined {
  return typeof value === 'number' && value >= min && value <= max ? value : undefined;
}

function levelPairs(raw: unknown): (readonly [string, unknown])[] | undefined {
  if (typeof raw === 'string') {
    if (raw.trim() === '') return [];
    return raw.split(',').map((pair) => {
      const [component, level = ''] = pair.split('=');
      return [component.trim(), level.trim()] as const;
    });
  }
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? Object.entries(raw) : undefined;
}
