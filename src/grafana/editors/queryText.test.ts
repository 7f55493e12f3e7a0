import { queryText } from './queryText';

it('says the question and what narrows it down', () => {
  expect(queryText({ refId: 'A', queryType: 'summary' })).toBe('How much was the cluster used?');
  expect(
    queryText({ refId: 'A', queryType: 'breakdown', groupBy: 'user', services: ['a', '$b'], interval: 'month' })
  ).toBe('Which services, users or countries used the cluster? · by user · services a, $b · per month');
  expect(queryText({ refId: 'A', queryType: 'metric', interval: 'auto', format: 'timeseries' })).toBe(
    'What are the metrics of each service? · all metrics · per period · as time series'
  );
});

it('says how much is shown', () => {
  expect(queryText({ refId: 'A', queryType: 'country', limit: 10 })).toBe(
    'Where did the requests come from? · limit 10'
  );
});

it('says nothing that does not apply', () => {
  expect(queryText({ refId: 'A', queryType: 'country', groupBy: 'user', metric: 'cpu-hours' })).toBe(
    'Where did the requests come from?'
  );
});

it('has words for queries that it does not know', () => {
  expect(queryText({ refId: 'A', queryType: 'pie' } as never)).toBe('Unknown query type pie');
  expect(queryText({ refId: 'A' } as never)).toBe('No question chosen');
});
