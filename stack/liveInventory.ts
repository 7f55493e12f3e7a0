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

/** The real time: a test may move the clock of the process. */
const now = Date.now.bind(Date);

function seriesOf(service: string): string {
  return `kube_configmap_labels{namespace="oscar-svc",configmap="${service}",label_oscar_service="${service}"}`;
}

/**
 * Stands in for the part of kube-state-metrics that can't be back-filled, because it is about now: one
 * `kube_configmap_labels` per deployed service.
 */
export async function startLiveInventory(options: LiveInventoryOptions = {}): Promise<LiveInventory> {
  let published: readonly string[] = [];
  const server: Server = createServer((_request, response) => {
    // With a time of its own a series stays when a scrape fails, as one does when this process is busy for seconds.
    const series = published.map((name) => `${seriesOf(name)} 1 ${now()}\n`);
    response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4' });
    response.end(`# TYPE kube_configmap_labels gauge\n${series.join('')}`);
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
      published = services;
    },
    close: () => server.close(),
  };
}
