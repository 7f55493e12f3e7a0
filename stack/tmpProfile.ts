import { join } from 'node:path';
import { createHost } from './host';
import { openStack } from './openStack';
import { repositoryRoot } from './lib/repository';
import { stopEngines } from './engines';
import { createStages } from './lib/progress';
const end = Date.parse('2025-11-01T00:00:00Z');
const log = (l: string) => process.stderr.write(l + '\n');
(async () => {
  for (const [name, invented] of [['day', 0], ['day-invented', 20000]] as const) {
    const { loki, prometheus } = await openStack({ directory: join(repositoryRoot, '.data', `bench-${name}`), traffic: { days: 2, lines: 3400, seed: 5, end, invented }, lokiPort: 0, withMetrics: false, log, stages: createStages(log) });
    for (let round = 0; round < 3; round++) {
      const host = await createHost({ lokiUrl: loki.url, prometheusUrl: prometheus.url });
      const ds = host.createDataSource({});
      host.resetRequests();
      const started = Date.now();
      const queries = [{ queryType: 'summary' }, { queryType: 'breakdown', groupBy: 'service' }, { queryType: 'breakdown', groupBy: 'user' }, { queryType: 'breakdown', groupBy: 'country' }];
      await Promise.all(queries.map((q) => host.queryOnce(ds, { ...q, refId: 'A' } as never, { from: end - 86400000, to: end - 1, timezone: 'utc' } as never)));
      const took = Date.now() - started;
      if (round === 2) {
        console.log(name, took, 'ms', host.requests.length);
        for (const r of host.requests as any[]) {
          const p = new URL(r.url ?? r.path, 'http://x');
          const q = p.searchParams.get('query') ?? '';
          console.log(JSON.stringify({ ...r, url: undefined, path: undefined, body: undefined }).slice(0, 260), p.pathname.slice(-25), q.length, q.slice(0, 60), (q.match(/\[\d+ms\][^)]*/g) ?? []).join(' '), p.searchParams.get('limit'), q.includes('| keep'));
        }
      }
    }
    await stopEngines();
  }
})();
