/**
 * class-validator's core without its catalogue of decorators. The package's index loads all of them, with the phone
 * number tables of the world: 23 MB and 80 to 200 ms of each start, of which a configuration needs nothing.
 */
import { createRequire } from 'node:module';

type Package = typeof import('class-validator');

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

export const ValidateBy = load('ValidateBy', 'decorator/common/ValidateBy');
export const ValidateNested = load('ValidateNested', 'decorator/common/ValidateNested');
export const Validator = load('Validator', 'validation/Validator');
