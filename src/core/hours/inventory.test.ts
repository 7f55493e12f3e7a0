import { lastValueFrom, of } from 'rxjs';

import { PrometheusClient } from '../upstream/prometheus';
import { readInventory } from './inventory';

const noRetries = { retries: 0, firstDelayMs: 0, longestDelayMs: 0, random: () => 0 };

/** The inventory that a Prometheus gives that answers each question with these services. */
function read(answers: Array<{ services: string[]; warnings?: string[] }>, fallback?: string) {
  const client = new PrometheusClient(
    () => {
      const { services, warnings } = answers.shift() ?? { services: [] };
      const result = services.map((name) => ({ metric: { label_oscar_service: name }, value: [0, '1'] }));
      return of({ status: 'success', data: { resultType: 'vector', result }, ...(warnings && { warnings }) });
    },
    { uid: 'p', method: 'GET', customParameters: [] },
    noRetries
  );
  return lastValueFrom(readInventory(client, { template: 'x', fallback, servicesNamespace: 'oscar-svc', now: 0 }));
}

it('lists the deployed services', async () => {
  expect(await read([{ services: ['b', 'a'] }])).toEqual({
    services: ['a', 'b'],
    failed: false,
    exact: true,
    notes: [],
  });
});

it('does not call a list exact that the engine calls partial', async () => {
  const inventory = await read([{ services: ['a'], warnings: ['store x is down'] }]);
  expect(inventory).toMatchObject({ services: ['a'], exact: false });
  expect(inventory.notes.join()).toContain('the list may be partial: store x is down');
});

it('does not forget that the first of two answers was partial', async () => {
  const inventory = await read([{ services: [], warnings: ['store x is down'] }, { services: ['a'] }], 'y');
  expect(inventory.exact).toBe(false);
  expect(inventory.notes.join()).toMatch(
    /services with a container in the last hour are counted instead.*store x is down/
  );
});
