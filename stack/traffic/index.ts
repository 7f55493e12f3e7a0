// Fills Loki and Prometheus with deterministic traffic, and knows the truth about it.
export { createParameters, fingerprintOf, parseTrafficArguments, startOf } from './parameters';
export type { TrafficArguments, TrafficParameters } from './parameters';
export { seedLoki, seedStack } from './seed';
export type { LokiSeedOptions, StackSeedOptions } from './seed';
export { isSeededWith, readSeedRecord, truthFileOf } from './seedRecord';
export type { SeedRecord } from './seedRecord';
export { loadTruth } from './truth';
export type { Truth } from './truth';
export { expectedByCountry, expectedByService, expectedByUser, expectedSummary } from './expected';
export type { ExpectedCountry, ExpectedService, ExpectedSummary, ExpectedUser, Range, RejectedMode } from './expected';
export { createBlock } from './writeMetrics';
