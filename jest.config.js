// One configuration for every suite; scripts/test.mjs chooses what runs and collects the coverage.
import { typeOnlyFiles } from './scripts/lib/type-only-files.mjs';

export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['hc-src', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testMatch: ['**/*.{unit,int,sim,e2e}.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  coverageProvider: 'v8',
  collectCoverageFrom: [
    'apps/**/*.ts',
    'libs/**/*.ts',
    '!**/*.spec.ts',
    '!**/*.contract.ts',
    '!**/generated/**',
    '!libs/ports-contract/**',
    '!libs/simulator/**',
    '!libs/test-ports/**',
    ...typeOnlyFiles(['apps', 'libs']).map((file) => `!${file}`),
  ],
  testTimeout: 30000,
};
