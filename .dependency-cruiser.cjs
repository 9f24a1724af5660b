/**
 * The direction rules of docs/architecture.md. tools/boundaries.test.ts plants a violation of each.
 * `npm packages` below means what is under node_modules and not linked to a workspace; Node's own modules are free to all.
 */
const NPM = '^node_modules/';
const CORE = ['core'];
const TYPE_ONLY = ['type-only'];
/** Builders and set-up that only tests use. */
const TEST_CODE = '\\.(test|testing)\\.ts$|/testing/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'kit-knows-no-product',
      comment: 'kit is what every subgraph needs, with no product word in it: it imports npm packages only.',
      severity: 'error',
      from: { path: '^kit/' },
      to: { pathNot: ['^kit/', NPM], dependencyTypesNot: CORE },
    },
    {
      name: 'gateway-knows-no-subgraph',
      comment: 'The gateway reads SDL; local/ hands it in-process services. It runs any Federation 2 supergraph.',
      severity: 'error',
      from: { path: '^gateway/' },
      to: { pathNot: ['^gateway/', '^kit/', NPM], dependencyTypesNot: CORE },
    },
    {
      name: 'gateway-config-is-small',
      comment: 'What is Broadsheet’s own in the gateway is said in terms of the gateway and kit.',
      severity: 'error',
      from: { path: '^gateway\\.config\\.ts$|^edge/', pathNot: TEST_CODE },
      to: { pathNot: ['^edge/', '^gateway/', '^kit/', NPM], dependencyTypesNot: CORE },
    },
    {
      name: 'subgraphs-are-islands',
      comment: 'A subgraph knows another one by its events and its part of the graph, never by its code.',
      severity: 'error',
      from: { path: '^subgraphs/([^/]+)/' },
      to: { path: '^subgraphs/[^/]+', pathNot: ['^subgraphs/($1|access)/'] },
    },
    {
      name: 'subgraphs-stand-on-kit',
      comment: 'An island imports kit, itself and its own generated types; whoever starts it is not its concern.',
      severity: 'error',
      from: { path: '^subgraphs/([^/]+)/' },
      to: { pathNot: ['^subgraphs/', '^kit/', NPM, '^schema/types/$1\\.ts$'], dependencyTypesNot: CORE },
    },
    {
      name: 'access-stands-on-kit',
      comment: 'subgraphs/access/ is the kernel of projections that islands share: it imports kit only.',
      severity: 'error',
      from: { path: '^subgraphs/access/' },
      to: { pathNot: ['^subgraphs/access/', '^kit/', NPM], dependencyTypesNot: CORE },
    },
    {
      name: 'resolvers-take-entities-as-types',
      comment: 'A resolver is wiring: it may name a row’s type, but queries and actions touch the entity.',
      severity: 'error',
      from: { path: '\\.resolvers\\.ts$' },
      to: { path: '\\.entity\\.ts$', dependencyTypesNot: TYPE_ONLY },
    },
    {
      name: 'entities-import-entities',
      comment: 'What is stored does not depend on what is done with it.',
      severity: 'error',
      from: { path: '\\.entity\\.ts$' },
      to: { pathNot: ['\\.entity\\.ts$', '^kit/', NPM], dependencyTypesNot: CORE },
    },
    {
      name: 'features-use-the-door',
      comment: 'One feature uses another only through its entity, actions, loaders and access.',
      severity: 'error',
      from: { path: '^subgraphs/([^/]+)/([^/]+)/', pathNot: [TEST_CODE, '^subgraphs/[^/]+/migrations/'] },
      to: {
        path: '^subgraphs/$1/[^/]+/',
        pathNot: ['^subgraphs/$1/($2|migrations)/', '\\.(entity|actions|loaders|access)\\.ts$', '^subgraphs/access/'],
      },
    },
    {
      name: 'product-ignores-tools-and-tests',
      comment: 'What runs in production must not need what builds and checks it.',
      severity: 'error',
      from: { path: '^(kit|gateway|edge|subgraphs|rest|local)/|^gateway\\.config\\.ts$', pathNot: TEST_CODE },
      to: { path: '^(tests|tools)/|\\.test\\.ts$' },
    },
    {
      name: 'product-declares-its-packages',
      comment: 'A package that only development installs is missing in the image; each workspace names what it needs.',
      severity: 'error',
      from: { path: '^(kit|gateway|edge|subgraphs|rest|local)/|^gateway\\.config\\.ts$', pathNot: TEST_CODE },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: TYPE_ONLY },
    },
    {
      name: 'no-cycles',
      comment:
        'A cycle has no part that can be understood first. Types are erased before anything runs, so they may refer to each other.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: TYPE_ONLY } },
    },
    {
      name: 'gateway-types-have-an-order',
      comment:
        'The gateway is a library that others read: what its parts say to one another stands in files of its own.',
      severity: 'error',
      from: { path: '^(gateway|edge)/' },
      to: { circular: true, via: { dependencyTypes: TYPE_ONLY } },
    },
    {
      name: 'every-import-resolves',
      comment: 'An import that the rules cannot follow is one they cannot judge.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(\\.data|coverage)/' },
    // Type-only imports are edges too, marked as such.
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    // `kit/config` is kit/config.ts through the workspace's link and its package.json.
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.cjs', '.json', '.d.ts'],
      mainFields: ['types', 'main'],
    },
  },
};
