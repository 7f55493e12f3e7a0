import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';

import { loopback } from './lib/ports';

/** What a running kube-state-metrics says about the services that are deployed now. */
export interface LiveInventory {
  /** An entry of Prometheus' `scrape_configs`. */
  scrapeConfig: Record<string, unknown>;
  /** Says that exactly these services are deployed. */
  publish(services: readonly string[]): void;
  close(): void;
}

export interface LiveInventoryOptions {
  /** Address to listen on. Default: loopback. */
  host?: string;
  /** Default: a free one. */
  port?: number;
}

/**
 * Stands in for the part of kube-state-metrics that can't be back-filled, because it is about now: one
 * `kube_configmap_labels` per deployed service.
 */
export async function startLiveInventory(options: LiveInventoryOptions = {}): Promise<LiveInventory> {
  let body = '';
  const server: Server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4' });
    response.end(body);
  });
  // The process that uses it decides how long it lives.
  server.unref();
  await new Promise<void>((fulfil, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? loopback, fulfil);
  });
  const { port } = server.address() as AddressInfo;
  return {
    scrapeConfig: {
      // Not the job of the back-filled series: that it is up would tell that they are whole.
      job_name: 'deployed-services',
      scrape_interval: '5s',
      scrape_timeout: '4s',
      // The exported namespace is that of the service, not of the exporter.
      honor_labels: true,
      static_configs: [{ targets: [`${loopback}:${port}`] }],
    },
    publish(services) {
      const series = services.map(
        (name) => `kube_configmap_labels{namespace="oscar-svc",configmap="${name}",label_oscar_service="${name}"} 1\n`
      );
      body = `# TYPE kube_configmap_labels gauge\n${series.join('')}`;
    },
    close: () => server.close(),
  };
}
