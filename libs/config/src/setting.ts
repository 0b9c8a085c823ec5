/**
 * What a setting is: a property of a section class, with the rule its values keep and the notes that help, reference
 * and environment names are made of. One decorator per property feeds class-transformer (text becomes the value),
 * class-validator (the value keeps the rule) and the documentation, so that they cannot disagree.
 */
import 'reflect-metadata';
import { Transform } from 'class-transformer';
import { ValidateBy } from '#libs/validation';

/** What values a setting takes. `parse` answers undefined for what is not allowed, and takes its own results. */
export interface ValueRule {
  /** Completes the sentence "use …". */
  readonly allowed: string;
  parse(raw: unknown): unknown;
}

export interface SettingNotes {
  readonly doc: string;
  /** Environment variables beside the one that follows from the path, the weaker later. */
  readonly env?: readonly string[];
  /** Flag in place of the one that follows from the path, without the dashes. */
  readonly flag?: string;
  /** Never printed. */
  readonly secret?: boolean;
  /** The default where it is not a fixed value. */
  readonly defaultText?: string;
  /** May be left out: the value is undefined then, and what it means follows from something else. */
  readonly omittable?: boolean;
  /** May be changed while the services run, by CONFIG SET and REST, for every node at once. */
  readonly runtime?: boolean;
}

export interface Setting {
  readonly property: string;
  /** As it stands in the YAML file. */
  readonly key: string;
  readonly allowed: string;
  readonly notes: SettingNotes;
  /** Of single values: from text, file or JSON to the value, undefined for what is not allowed. */
  readonly parse?: (raw: unknown) => unknown;
  /** Class of a list's elements. */
  readonly element?: SectionClass;
}

export type SectionClass = new () => object;

/** A section or a section within it. */
export interface Section {
  readonly property: string;
  readonly key: string;
  readonly doc: string;
  readonly type: SectionClass;
}

const settings = new Map<unknown, Setting[]>();
const sections = new Map<unknown, Section[]>();

export function settingsOf(type: SectionClass): readonly Setting[] {
  return settings.get(type) ?? [];
}

export function sectionsOf(type: SectionClass): readonly Section[] {
  return sections.get(type) ?? [];
}

/** `respPort` as `resp_port`. */
export function snakeCase(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export function addSetting(
  target: object,
  property: string | symbol,
  setting: Omit<Setting, 'property' | 'key'>,
): void {
  const name = String(property);
  addTo(settings, target, { ...setting, property: name, key: snakeCase(name) });
}

export function addSection(target: object, property: string | symbol, doc: string, type: SectionClass): void {
  const name = String(property);
  addTo(sections, target, { property: name, key: snakeCase(name), doc, type });
}

/** A decorator for properties whose values keep `rule`. */
export function settingDecorator(rule: ValueRule, notes: SettingNotes): PropertyDecorator {
  const isAllowed = (value: unknown): boolean =>
    rule.parse(value) !== undefined || (value === undefined && notes.omittable === true);
  return (target, property) => {
    addSetting(target, property, { allowed: rule.allowed, notes, parse: (raw) => rule.parse(raw) });
    Transform(({ value }) => rule.parse(value) ?? value)(target, String(property));
    ValidateBy({
      name: 'allowed',
      validator: { validate: (value) => isAllowed(value), defaultMessage: () => rule.allowed },
    })(target, property);
  };
}

function addTo<Row>(rows: Map<unknown, Row[]>, target: object, row: Row): void {
  const known = rows.get(target.constructor);
  if (known === undefined) rows.set(target.constructor, [row]);
  else known.push(row);
}
