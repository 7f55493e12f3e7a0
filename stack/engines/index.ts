// Brings up the real Loki, Prometheus and VictoriaMetrics on loopback ports. Everything else in stack/ uses the engines through here.
export { resolveBinaries, resolveCollector, resolveVictoriaMetrics } from './binaries';
export { startLoki } from './loki';
export { startPrometheus, tsdbDirectoryOf } from './prometheus';
export { startVictoriaMetrics } from './victoriaMetrics';
export { stopEngines } from './engine';
export type { Binaries, Engine, LokiOptions } from './types';
