import { lastValueFrom, of } from 'rxjs';

import { podPlanOf } from '../../../testing/podEngine';
import { dayMs, hourMs } from '../../domain/duration';
import { PrometheusClient } from '../../upstream/prometheus';
import { askNodes, sampledPods } from './askNodes';
import { emptyWindow } from './window';

const start = Date.parse('2026-10-05T00:00:00Z');
const counted = {
  servicesNamespace: 'n',
  labelling: { exportedCounters: false, withoutId: false, exportedObjects: false },
};
const silent = [{ ...emptyWindow({ start, end: start + dayMs }), silentPods: 1 }];
/** A pod that is sampled on the day, and one that was before. */
const sampled = sampledPods(
  podPlanOf(
    [
      { name: 'a', containers: [[[start + 5 * hourMs, 7]]] },
      { name: 'b', containers: [[[start - 1, 7]]] },
    ],
    { first: { start, end: start + dayMs }, lengthMs: dayMs, count: 1 }
  )
);

/** What is asked about a day on which pods lived on nodes, and what is found. */
async function ask(nodes: Readonly<Record<string, string>>) {
  const queries: string[] = [];
  const values = [[(start + dayMs - 1) / 1000, '1']];
  const client = new PrometheusClient(
    ({ params: { query = '' } }) => {
      queries.push(query);
      const all = Object.entries(nodes).map(([pod, node]) => ({ metric: { namespace: 'n', pod, node }, values }));
      const result = query.includes('unless') ? [{ metric: { node: 'virtual' }, values }] : all;
      return of({ status: 'success', data: { resultType: 'matrix', result } });
    },
    { uid: 'p', method: 'POST', customParameters: [] }
  );
  const found = await lastValueFrom(askNodes(client, counted, silent, sampled));
  return { queries: queries.length, nodes: found?.nodes.map(([node]) => node) };
}

it('asks no more where a pod of each node has a sample', async () => {
  expect(await ask({ a: 'n1', silent: 'n1', b: 'n1' })).toEqual({ queries: 1, nodes: [] });
});

it.each(['silent', 'b'])('asks on which nodes nothing was scraped where only the pod %s lived on one', async (pod) => {
  expect(await ask({ a: 'n1', [pod]: 'virtual' })).toEqual({ queries: 2, nodes: ['virtual'] });
});
