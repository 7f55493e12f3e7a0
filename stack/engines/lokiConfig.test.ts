import { lokiConfig, lokiLimits } from './lokiConfig';

const input = { dataDirectory: '/data/loki', httpPort: 3100, grpcPort: 9095 };

it('listens on the loopback address only and keeps everything under the data directory', () => {
  const config = lokiConfig(input);
  expect(config.server).toMatchObject({ http_listen_address: '127.0.0.1', grpc_listen_address: '127.0.0.1' });
  const folders = JSON.stringify(config).match(/"\/[^"]*"/g) ?? [];
  expect(folders.length).toBeGreaterThan(0);
  expect(folders.every((folder) => folder.startsWith('"/data/loki'))).toBe(true);
});

it('leaves every limit that a query can meet at its default', () => {
  expect(lokiConfig(input).limits_config).toEqual(lokiLimits);
  for (const key of Object.keys(lokiLimits)) {
    expect(key).toMatch(/reject_old_samples|ingestion_|per_stream_/);
  }
});

it('lays the limits of the caller over its own', () => {
  const { limits_config: limits } = lokiConfig({ ...input, limits: { max_query_series: 20, ingestion_rate_mb: 4 } });
  expect(limits).toMatchObject({ max_query_series: 20, ingestion_rate_mb: 4, reject_old_samples: false });
});

it('deletes nothing unless a retention is asked for', () => {
  expect(lokiConfig(input).compactor).not.toHaveProperty('retention_enabled');
  const config = lokiConfig({ ...input, retention: '744h' });
  expect(config.compactor).toMatchObject({ retention_enabled: true });
  expect(config.limits_config).toMatchObject({ retention_period: '744h' });
});
