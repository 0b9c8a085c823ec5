/** A checker for the part of JSON Schema that the API's description uses. An unknown keyword is a fault of its own. */
export type Schemas = Readonly<Record<string, Record<string, unknown>>>;

const ANNOTATIONS = new Set([
  'description',
  'default',
  'format',
  'example',
  'contentEncoding',
  'items',
  'properties',
  'required',
  'additionalProperties',
]);

export function faultsOf(value: unknown, schema: Record<string, unknown>, schemas: Schemas, path = '$'): string[] {
  const { $ref } = schema;
  if (typeof $ref === 'string')
    return faultsOf(value, schemas[$ref.slice('#/components/schemas/'.length)], schemas, path);
  const faults = Object.entries(schema).flatMap(([keyword, setting]) =>
    holds(keyword, setting, value)
      ? []
      : [`${path}: ${keyword} ${JSON.stringify(setting)}, not ${JSON.stringify(value)}`],
  );
  if (Array.isArray(value) && schema.items) {
    const items = schema.items as Record<string, unknown>;
    return [...faults, ...value.flatMap((item, index) => faultsOf(item, items, schemas, `${path}[${index}]`))];
  }
  if (schema.type !== undefined && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return [...faults, ...objectFaults(value as Record<string, unknown>, schema, schemas, path)];
  }
  return faults;
}

function objectFaults(
  value: Record<string, unknown>,
  schema: Record<string, unknown>,
  schemas: Schemas,
  path: string,
): string[] {
  const properties = (schema.properties ?? {}) as Record<string, Record<string, unknown>>;
  const others = schema.additionalProperties;
  const missing = ((schema.required ?? []) as string[]).filter((name) => !(name in value));
  const faults = missing.map((name) => `${path}.${name} is missing`);
  for (const [name, each] of Object.entries(value)) {
    const own = properties[name] ?? (typeof others === 'object' ? (others as Record<string, unknown>) : undefined);
    if (own === undefined) faults.push(`${path}.${name} is not described`);
    else faults.push(...faultsOf(each, own, schemas, `${path}.${name}`));
  }
  return faults;
}

function holds(keyword: string, setting: unknown, value: unknown): boolean {
  switch (keyword) {
    case 'type':
      return [setting].flat().some((type) => hasType(value, type as string));
    case 'enum':
      return (setting as unknown[]).includes(value);
    case 'minimum':
      return typeof value !== 'number' || value >= (setting as number);
    case 'maximum':
      return typeof value !== 'number' || value <= (setting as number);
    case 'minItems':
      return (value as unknown[]).length >= (setting as number);
    case 'maxItems':
      return (value as unknown[]).length <= (setting as number);
    default:
      return ANNOTATIONS.has(keyword);
  }
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
