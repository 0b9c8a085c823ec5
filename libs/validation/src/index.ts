/**
 * The parts of class-validator that are in use, each loaded from its own file. The package's index loads all of its
 * decorators, with the phone number tables of the world: 15 to 23 MB and 80 to 200 ms of each start, for nothing.
 */
import 'reflect-metadata';
import { createRequire } from 'node:module';

type Package = typeof import('class-validator');
export type { ValidationError } from 'class-validator';

const require = createRequire(import.meta.url);

/** Falls back to the whole package where a release lays its files out differently. */
function load<Name extends keyof Package>(name: Name, file: string): Package[Name] {
  let exports: Package;
  try {
    exports = require(`class-validator/cjs/${file}.js`) as Package;
  } catch {
    exports = require('class-validator') as Package;
  }
  return exports[name];
}

export const Validator = load('Validator', 'validation/Validator');
export const getMetadataStorage = load('getMetadataStorage', 'metadata/MetadataStorage');

export const ArrayMaxSize = load('ArrayMaxSize', 'decorator/array/ArrayMaxSize');
export const ArrayMinSize = load('ArrayMinSize', 'decorator/array/ArrayMinSize');
export const IsArray = load('IsArray', 'decorator/typechecker/IsArray');
export const IsBoolean = load('IsBoolean', 'decorator/typechecker/IsBoolean');
export const IsIn = load('IsIn', 'decorator/common/IsIn');
export const IsInt = load('IsInt', 'decorator/typechecker/IsInt');
export const IsNumber = load('IsNumber', 'decorator/typechecker/IsNumber');
export const IsObject = load('IsObject', 'decorator/typechecker/IsObject');
export const IsOptional = load('IsOptional', 'decorator/common/IsOptional');
export const IsString = load('IsString', 'decorator/typechecker/IsString');
export const Matches = load('Matches', 'decorator/string/Matches');
export const Max = load('Max', 'decorator/number/Max');
export const Min = load('Min', 'decorator/number/Min');
export const ValidateBy = load('ValidateBy', 'decorator/common/ValidateBy');
export const ValidateNested = load('ValidateNested', 'decorator/common/ValidateNested');
