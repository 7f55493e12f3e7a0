// Brings up the real Loki and Prometheus on loopback ports. Everything else in stack/ uses the engines through here.
export { resolveBinaries } from './binaries';
export { lokiLimits, startLoki } from './loki';
export { startPrometheus, tsdbDirectoryOf } from './prometheus';
export { stopEngines } from './engine';
export type {
  Binaries,
  Engine,
  EngineExit,
  EngineOptions,
  LokiOptions,
  PrometheusEngine,
  PrometheusOptions,
} from './types';
