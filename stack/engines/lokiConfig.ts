import { join } from 'node:path';

import { loopback } from '../lib/ports';

/**
 * Differences from Loki's default limits. All concern what may be written, none what a query may ask: the queries of
 * the plugin must meet the limits that a real cluster has. Back-filling pushes months of lines in one go.
 */
export const lokiLimits: Readonly<Record<string, unknown>> = {
  reject_old_samples: false,
  ingestion_rate_mb: 1024,
  ingestion_burst_size_mb: 1024,
  per_stream_rate_limit: '1GB',
  per_stream_rate_limit_burst: '1GB',
};

/** Makes one index file of a day's, as a live Loki does every ten minutes. */
const indexCompactor = { compaction_interval: '10s' };

/** Applies a retention within seconds, where a live Loki takes ten minutes and two hours (the defaults). */
const retentionCompactor = {
  retention_enabled: true,
  delete_request_store: 'filesystem',
  compaction_interval: '5s',
  retention_delete_delay: '1s',
};

export interface LokiConfigInput {
  /** Absolute; everything is kept under it. */
  dataDirectory: string;
  httpPort: number;
  grpcPort: number;
  limits?: Record<string, unknown>;
  /** Loki duration; undefined keeps everything. */
  retention?: string;
  maxChunkAge?: string;
}

/** The configuration of a single-binary Loki on the loopback address, with its data in a folder. */
export function lokiConfig(input: LokiConfigInput): Record<string, unknown> {
  const { dataDirectory, httpPort, grpcPort, limits, retention, maxChunkAge } = input;
  return {
    auth_enabled: false,
    analytics: { reporting_enabled: false },
    server: {
      http_listen_address: loopback,
      http_listen_port: httpPort,
      grpc_listen_address: loopback,
      grpc_listen_port: grpcPort,
      log_level: 'warn',
    },
    common: {
      instance_addr: loopback,
      path_prefix: dataDirectory,
      storage: {
        filesystem: {
          chunks_directory: join(dataDirectory, 'chunks'),
          rules_directory: join(dataDirectory, 'rules'),
        },
      },
      replication_factor: 1,
      ring: { instance_addr: loopback, kvstore: { store: 'inmemory' } },
    },
    schema_config: {
      configs: [
        {
          from: '2020-01-01',
          store: 'tsdb',
          object_store: 'filesystem',
          schema: 'v13',
          index: { prefix: 'index_', period: '24h' },
        },
      ],
    },
    ingester: {
      // A live Loki closes a chunk after two hours (max_chunk_age). Back-filled lines arrive within seconds and would
      // share a few big chunks, which queries read much faster than the many small ones of a real store.
      sync_period: '2h',
      sync_min_utilization: 0,
      ...(maxChunkAge !== undefined && { max_chunk_age: maxChunkAge }),
      // A live Loki forgets what it stored after five minutes. One that is stopped earlier would store all lines once more at its
      // next start, slow for a minute, with one more index file a day each time.
      wal: { checkpoint_duration: '10s' },
      // There is one ingester: nobody has to notice it before it counts as ready.
      lifecycler: { min_ready_duration: '0s' },
    },
    // Front end and querier look for the scheduler after this time, and the scheduler takes work 3 s after its start: a
    // longer wait (default 10 s) only delays the start, a shorter one ends in refusals and in back-off.
    frontend: { scheduler_dns_lookup_period: '3500ms' },
    frontend_worker: { dns_lookup_duration: '3500ms' },
    compactor: retention === undefined ? indexCompactor : retentionCompactor,
    limits_config: {
      ...lokiLimits,
      ...(retention === undefined ? {} : { retention_period: retention }),
      ...limits,
    },
  };
}
