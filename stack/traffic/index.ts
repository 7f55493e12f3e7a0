// Fills Loki and Prometheus with deterministic traffic, and knows the truth about it.
export { createParameters, parseTrafficArguments } from './parameters';
export type { TrafficParameters } from './parameters';
export { seedLoki, seedStack } from './seed';
export { isSeededWith, readSeedRecord, truthFileOf } from './seedRecord';
export { loadTruth } from './truth';
export type { Truth } from './truth';
export { expectedByCountry, expectedByService, expectedByUser, expectedSummary } from './expected';
export type { Range } from './expected';
export { createBlock } from './writeMetrics';
