/**
 * Checks a client's input against a class with class-validator's decorators. Only the class's own fields are taken
 * over, so no input reaches an object's prototype; a field that the class does not have is refused, since a misspelt
 * `ttl` that is dropped silently would store an entry for ever. A constraint's message is the list of what is allowed.
 */
import { setImmediate } from 'node:timers/promises';
import { getMetadataStorage, Validator } from '#libs/validation';
import { type FieldFault, invalid, invalidField, shortened } from './problem.js';

type Dto = object;
type DtoClass<T extends Dto> = new () => T;

const MAX_FAULTS = 10;
const ENTRIES_PER_TURN = 64;
const validator = new Validator();
const fieldsOfClass = new Map<DtoClass<Dto>, readonly string[]>();

/** An instance of the class with the input's values, or a 400 that names each fault under `path`. */
export function validated<T extends Dto>(dtoClass: DtoClass<T>, input: unknown, path = ''): T {
  const faults: FieldFault[] = [];
  const instance = checked(dtoClass, input, path, faults);
  if (faults.length > 0) throw invalid(faults);
  return instance;
}

/**
 * An instance for each element of the list; at most {@link MAX_FAULTS} faults are told. A long list takes tens of
 * milliseconds, so others get their turn in between.
 */
export async function validatedList<T extends Dto>(
  dtoClass: DtoClass<T>,
  inputs: readonly unknown[],
  path: string,
): Promise<T[]> {
  const faults: FieldFault[] = [];
  const instances: T[] = [];
  for (let index = 0; index < inputs.length && faults.length < MAX_FAULTS; index++) {
    if (index > 0 && index % ENTRIES_PER_TURN === 0) await setImmediate();
    instances.push(checked(dtoClass, inputs[index], `${path}[${index}]`, faults));
  }
  if (faults.length > 0) throw invalid(faults.slice(0, MAX_FAULTS));
  return instances;
}

function checked<T extends Dto>(dtoClass: DtoClass<T>, input: unknown, path: string, faults: FieldFault[]): T {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw invalidField(path === '' ? 'body' : path, input, 'an object');
  }
  const fields = fieldsOf(dtoClass);
  const instance = new dtoClass();
  for (const [name, value] of Object.entries(input)) {
    const field = path === '' ? name : `${path}.${name}`;
    if (fields.includes(name)) Reflect.set(instance, name, value);
    else if (faults.length < MAX_FAULTS) {
      faults.push({ field, value: shortened(value), allowed: `only the fields ${fields.join(', ')}` });
    }
  }
  for (const error of validator.validateSync(instance, { stopAtFirstError: true, forbidUnknownValues: false })) {
    const field = path === '' ? error.property : `${path}.${error.property}`;
    const allowed = Object.values(error.constraints ?? {}).join(' ');
    faults.push({ field, value: shortened(error.value), allowed });
  }
  return instance;
}

/** The fields that have a constraint; that is all of them. */
export function fieldsOf(dtoClass: DtoClass<Dto>): readonly string[] {
  let fields = fieldsOfClass.get(dtoClass);
  if (fields === undefined) {
    const constraints = getMetadataStorage().getTargetValidationMetadatas(dtoClass, '', false, false);
    fields = [...new Set(constraints.map((constraint) => constraint.propertyName))];
    fieldsOfClass.set(dtoClass, fields);
  }
  return fields;
}
