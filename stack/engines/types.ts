/** Paths of the three programs. */
export interface Binaries {
  loki: string;
  prometheus: string;
  promtool: string;
}

/** How a process ended: an exit code, or the signal that ended it. */
export interface EngineExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A running engine that answered its readiness check. */
export interface Engine {
  name: 'loki' | 'prometheus' | 'victoria-metrics';
  /** Base address without a trailing slash, `http://127.0.0.1:<port>`. */
  url: string;
  port: number;
  pid: number;
  /** Everything that the engine writes is under this folder. */
  dataDirectory: string;
  /** What the engine printed, from warning level up. Starts anew with every start. */
  logFile: string;
  /** Fulfils when the process has ended, whoever ended it. Never rejects. */
  exited: Promise<EngineExit>;
  /** Asks the engine to end (SIGTERM), insists after a grace period (SIGKILL). Fulfils when it has ended. */
  stop(): Promise<void>;
  /** Ends the engine at once (SIGKILL), as a crash would. Fulfils when it has ended. */
  kill(): Promise<void>;
}

export interface EngineOptions {
  /** Path of the program, as `resolveBinaries` gives it. */
  binary: string;
  /** Is created when it does not exist. One engine at a time may use it. */
  dataDirectory: string;
  /** Is used when it is free, else another free one. Default: the engine's own (Loki 3100, Prometheus 9090, VictoriaMetrics 8428). */
  preferredPort?: number;
  /** How long the engine may take until it is ready, in milliseconds. Default: 900 000, only against a hang. */
  readyTimeoutMilliseconds?: number;
}

export interface LokiOptions extends EngineOptions {
  /** Laid over `limits_config`; keys as in Loki's documentation, for example `max_query_series`. */
  limits?: Record<string, unknown>;
  /** How long lines are kept, as a Loki duration (`744h`). Default: for ever. */
  retention?: string;
  /** A line is taken up to half of this later than the last one of its stream, as a Loki duration. Default: Loki's own, `2h`. */
  maxChunkAge?: string;
}

export interface PrometheusOptions extends EngineOptions {
  /** How long samples are kept, as a Prometheus duration. Default: `10y`, so that back-filled blocks stay. */
  retention?: string;
  /** Entries of `scrape_configs`. Default: none. */
  scrapeConfigs?: ReadonlyArray<Record<string, unknown>>;
  /** More command line flags, for example `--web.enable-admin-api`. */
  extraFlags?: readonly string[];
}

export interface VictoriaMetricsOptions extends EngineOptions {
  /** How long samples are kept, as a VictoriaMetrics duration. Default: `100y`, the longest. */
  retention?: string;
  /** More command line flags, for example `-search.maxLookback=5m`. */
  extraFlags?: readonly string[];
}

export interface PrometheusEngine extends Engine {
  /**
   * The folder of the blocks (`<dataDirectory>/tsdb`), where back-filled blocks belong. A running Prometheus finds new
   * blocks at its next check, about a minute later; one that starts finds them at once.
   */
  tsdbDirectory: string;
}
