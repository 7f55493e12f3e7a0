import { lastValueFrom } from 'rxjs';

import { dayMs } from '../src/core/domain/duration';
import { type Core } from '../stack/core/openCore';
import { UserError } from '../stack/lib/errors';
import { type Range } from '../stack/traffic';

interface PrometheusAnswer {
  data: { result: unknown[] };
}

/** The cheapest question that gives CPU time by pod: one instant query over the whole range. Throws where it has no series. */
export async function barePrometheus(core: Core, { from, to }: Range): Promise<void> {
  const days = Math.round((to - from) / dayMs);
  const counter = `container_cpu_usage_seconds_total{namespace=~"oscar-svc.*"}`;
  const answer = await lastValueFrom(
    core.transport({
      uid: 'prometheus',
      method: 'GET',
      path: 'api/v1/query',
      params: { query: `sum by (pod) (increase(${counter}[${days}d]))`, time: String(to / 1000) },
    })
  );
  if ((answer as PrometheusAnswer).data.result.length === 0) {
    throw new UserError('Prometheus has no CPU time in the range of the benchmark');
  }
}
