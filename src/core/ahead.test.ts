import { lastValueFrom, Observable, of, throwError } from 'rxjs';

import { epoch } from '../testing/arbitraries';
import { connectionsOver } from '../testing/connections';
import { FakeLoki } from '../testing/fakeLoki';
import { withProofs } from '../testing/proofs';
import { isAboutRecords } from '../testing/recordSeries';
import { dayMs } from './domain/duration';
import { type UsageQuery } from './query';
import { createSession } from './session';
import { settingsFrom } from './settings';
import { type AheadSource, aheadSources } from './sources/ahead';
import { UpstreamError } from './upstream/errors';
import { type Transport, type TransportRequest } from './upstream/transport';

const range = { start: epoch, end: epoch + 6 * dayMs };
const columns = ['cpu_hours_total', 'gpu_hours_total', 'services_count_active'];
const stat: UsageQuery = { queryType: 'summary', columns };

const silent: Transport = ({ path }) => {
  const resultType = { 'api/v1/query': 'vector', 'api/v1/query_range': 'matrix' }[path];
  return resultType
    ? of({ status: 'success', data: { resultType, result: [] } })
    : throwError(() => new UpstreamError('not-found', 'HTTP 404', 404));
};

function open(prometheus: Transport = withProofs(silent), options = {}) {
  const loki = withProofs(new FakeLoki([]).transport);
  const sent: TransportRequest[] = [];
  const connections = connectionsOver((request) => {
    sent.push(request);
    return request.uid === 'loki' ? loki(request) : prometheus(request);
  });
  const session = createSession(settingsFrom(options), connections, () => range.end);
  const ahead = (sources: readonly AheadSource[]) =>
    session.ahead({ sources, range, zone: 'Etc/UTC', askedAt: range.end });
  return { session, sent, ahead };
}

it('asks for what panels of the range will need, so that these ask for nothing', async () => {
  const { session, sent, ahead } = open();
  await lastValueFrom(ahead(aheadSources), { defaultValue: undefined });
  expect(sent.length).toBeGreaterThan(5);
  // But for usage records, which may have the hours.
  const ofLoki = sent.filter(({ uid, path }) => uid === 'loki' && path.endsWith('query_range'));
  expect(ofLoki.every(({ params }) => isAboutRecords(params['query'] ?? ''))).toBe(true);
  const before = sent.length;
  // The same zone by its other name.
  const answer = await lastValueFrom(session.answer(stat, range, 'UTC', range.end, 'panel'));
  expect(answer).toMatchObject({ kind: 'table', loading: false });
  // What depends on requests as well is no part of it.
  expect(sent.slice(before).filter(({ uid }) => uid === 'prometheus')).toEqual([]);
});

it('asks for nothing that is not named', async () => {
  const { sent, ahead } = open();
  await lastValueFrom(ahead(['service-inventory']), { defaultValue: undefined });
  expect(sent.length).toBeGreaterThan(0);
  expect(
    sent.map(({ params }) => params['query']).filter((query) => !/kube_configmap|container_cpu/.test(query ?? ''))
  ).toEqual([]);
});

it('sends nothing with options that are not valid', async () => {
  const { sent, ahead } = open(undefined, { roster: 'alice' });
  await lastValueFrom(ahead(aheadSources), { defaultValue: undefined });
  expect(sent).toEqual([]);
});

it('hands what is under way over to a panel, and ends it with the last one that waits', () => {
  let active = 0;
  const slow: Transport = () =>
    new Observable(() => {
      active += 1;
      return () => (active -= 1);
    });
  const { session, sent, ahead } = open(slow, { recordsSelector: '' });
  const early = ahead(['usage-cpu']).subscribe();
  const before = sent.length;
  expect(before).toBeGreaterThan(0);
  const panel = session.answer({ ...stat, columns: ['cpu_hours_total'] }, range, 'UTC', range.end, 'panel').subscribe();
  early.unsubscribe();
  expect(sent.length).toBe(before);
  expect(active).toBe(before);
  panel.unsubscribe();
  expect(active).toBe(0);
});
