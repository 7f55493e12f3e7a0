import { lastValueFrom } from 'rxjs';

import { dayMs } from '../src/core/domain/duration';
import { type Host } from '../stack/host';
import { UserError } from '../stack/lib/errors';
import { type Range } from '../stack/traffic';

interface PrometheusAnswer {
  data: { result: unknown[] };
}

/** The cheapest question that gives CPU time by pod: one instant query over the whole range. Throws where it has no series. */
export async function barePrometheus(host: Host, { from, to }: Range): Promise<void> {
  const days = Math.round((to - from) / dayMs);
  const counter = `container_cpu_usage_seconds_total{namespace=~"oscar-svc.*"}`;
  const { data } = await lastValueFrom(
    host.backendSrv.fetch<PrometheusAnswer>({
      url: '/api/datasources/proxy/uid/prometheus/api/v1/query',
      params: { query: `sum by (pod) (increase(${counter}[${days}d]))`, time: String(to / 1000) },
      showErrorAlert: false,
      hideFromInspector: true,
    })
  );
  if (data.data.result.length === 0) {
    throw new UserError('Prometheus has no CPU time in the range of the benchmark');
  }
}
