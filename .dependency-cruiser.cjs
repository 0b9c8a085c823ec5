// The rings of the code as import rules. Which lib lies in which ring stands in scripts/lib/rings.json, and nowhere else.
// Specs and test helpers may reach across rings (a host's spec may use a real adapter), but never past a lib's index.
const rings = require('./scripts/lib/rings.json');

const allLibs = Object.values(rings).flatMap((ring) => ring.libs);
const libsPath = (libs) => `^libs/(${libs.join('|')})/`;
const SPECS = '\\.(spec|contract)\\.ts$';
const NPM_ALLOWED_IN_PURE_RINGS = '^node_modules/(@noble/hashes|@bufbuild/protobuf)/';

/** A lib of a ring imports itself and the rings that its row names; every other lib is out of its reach. */
function ringRule([name, ring]) {
  const reachable = ring.mayImport.flatMap((other) => rings[other].libs);
  return {
    name: `ring-${name}`,
    comment: `The ring "${name}" may import: ${ring.mayImport.join(', ') || 'nothing'}.`,
    severity: 'error',
    from: { path: libsPath(ring.libs), pathNot: SPECS },
    to: {
      path: '^(libs|apps|bench|chaos|test)/',
      pathNot: ['^libs/$1/', ...(reachable.length > 0 ? [libsPath(reachable)] : [])],
    },
  };
}

const pureLibs = Object.values(rings).flatMap((ring) => (ring.pure ? ring.libs : []));

module.exports = {
  forbidden: [
    ...Object.entries(rings).map(ringRule),
    {
      name: 'lib-without-ring',
      comment: 'Give the lib a ring in scripts/lib/rings.json.',
      severity: 'error',
      from: { path: '^libs/', pathNot: libsPath(allLibs) },
      to: {},
    },
    {
      name: 'import-of-lib-without-ring',
      comment: 'Give the lib a ring in scripts/lib/rings.json.',
      severity: 'error',
      from: {},
      to: { path: '^libs/', pathNot: libsPath(allLibs) },
    },
    {
      name: 'pure-no-builtins',
      comment: 'Kernel, ports, core and hosts do no I/O: no Node built-ins.',
      severity: 'error',
      from: { path: libsPath(pureLibs), pathNot: SPECS },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pure-no-packages',
      comment: 'Pure rings import only packages that are pure themselves; the list stands in .dependency-cruiser.cjs.',
      severity: 'error',
      from: { path: libsPath(pureLibs), pathNot: SPECS },
      to: { path: '^node_modules/', pathNot: NPM_ALLOWED_IN_PURE_RINGS },
    },
    {
      name: 'no-deep-import-between-libs',
      comment: "A lib's index.ts is its only public face.",
      severity: 'error',
      from: { path: '^libs/([^/]+)/' },
      to: { path: '^libs/', pathNot: ['^libs/$1/', '^libs/[^/]+/src/index\\.ts$'] },
    },
    {
      name: 'no-deep-import-from-outside',
      comment: "A lib's index.ts is its only public face.",
      severity: 'error',
      from: { path: '^(apps|bench|chaos|test)/' },
      to: { path: '^libs/', pathNot: '^libs/[^/]+/src/index\\.ts$' },
    },
    {
      name: 'libs-by-name',
      comment: 'Across libs, import "#libs/<name>", not a relative path.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/' },
      to: { path: '^libs/', pathNot: '^libs/$1/', dependencyTypesNot: ['aliased-subpath-import'] },
    },
    {
      name: 'nobody-imports-apps',
      severity: 'error',
      from: { pathNot: '^apps/' },
      to: { path: '^apps/' },
    },
    {
      name: 'apps-do-not-import-each-other',
      comment: 'What two apps share belongs in libs/service.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'apps-import-no-test-code',
      severity: 'error',
      from: { path: '^apps/', pathNot: SPECS },
      to: { path: ['^(test|bench|chaos)/', libsPath([...rings.simulator.libs, ...rings.contracts.libs])] },
    },
    {
      name: 'no-dev-dependency-in-production',
      comment: 'Production code imports what "dependencies" in package.json lists.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [SPECS, libsPath(rings.contracts.libs)] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'type-import', 'type-only'] },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['hc-src', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
};
