/** The import direction of docs/architecture.md: floor ← events ← {identity, conversation, projections} ← fetcher ← engine ← cli; net stands beside. */
const FLOOR = '^src/(?!index[.])[a-z-]+[.]ts$';
/** An area may import the floor, itself, and what is listed. */
const ALLOWED = {
  events: [],
  identity: [],
  conversation: ['events', 'identity'],
  projections: ['events'],
  net: ['identity'],
  fetcher: ['events', 'projections'],
  engine: ['events', 'identity', 'conversation', 'projections', 'fetcher', 'net'],
  cli: ['events', 'identity', 'conversation', 'projections', 'fetcher', 'engine', 'net'],
};
/** One door file for each package that does IO or that we may want to replace. */
const DOORS = {
  '@hyperswarm/dht': '^src/net/dht/hyperdht-adapter[.]ts$',
  '@hyperswarm/secret-stream': '^src/net/noise-adapter[.]ts$',
  'blind-relay': '^src/net/dht/forwarder-adapter[.]ts$',
  'multicast-dns': '^src/net/discovery/mdns-adapter[.]ts$',
  'node-datachannel': '^src/net/data-channel/data-channel-adapter[.]ts$',
  hypercore: '^src/engine/journal/hypercore-adapter[.]ts$',
  'isomorphic-git': '^src/conversation/repository/isomorphic-git-adapter[.]ts$',
  '@peculiar/x509': '^src/identity/x509-adapter[.]ts$',
  '@peculiar/asn1-[a-z0-9]+': '^src/identity/(x509|crl)-adapter[.]ts$',
  'reflect-metadata': '^src/identity/x509-adapter[.]ts$',
  'string-width': '^src/cli/words/text-width[.]ts$',
  sha3: '^src/fetcher/digest/sha3-adapter[.]ts$',
  commander: '^src/cli/(run|program|context|commands/command-[a-z-]+)[.]ts$',
  'cli-progress': '^src/cli/terminal/progress[.]ts$',
  picocolors: '^src/cli/terminal/output[.]ts$',
  pino: '^src/cli/pino-adapter[.]ts$',
};
const IO = '^(node:)?(fs|fs/promises|net|tls|dgram|child_process|worker_threads|http|https|os|dns)$';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'floor-imports-floor-only',
      severity: 'error',
      from: { path: FLOOR },
      to: { path: '^src/', pathNot: FLOOR },
    },
    ...Object.entries(ALLOWED).map(([area, others]) => ({
      name: `${area}-imports-downwards`,
      severity: 'error',
      from: { path: `^src/${area}/` },
      to: { path: '^src/', pathNot: [FLOOR, ...[area, ...others].map((name) => `^src/${name}/`)] },
    })),
    {
      name: 'front-door-imports-are-for-users',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/index[.]ts$' },
    },
    ...Object.entries(DOORS).map(([pkg, door]) => ({
      name: `one-door-to-${pkg.replace(/[@/]/g, '-')}`,
      severity: 'error',
      from: { path: '^src/', pathNot: door },
      to: { path: `(^|/)node_modules/${pkg === '@hyperswarm/dht' ? '(@hyperswarm/dht|hyperdht)' : pkg}/` },
    })),
    {
      name: 'io-in-adapters-only',
      severity: 'error',
      from: { path: '^src/', pathNot: ['-adapter[.]ts$', '-worker[.]ts$', '^src/cli/'] },
      to: { path: IO, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-dev-dependencies-in-src',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
