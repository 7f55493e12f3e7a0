import { lastValueFrom, of, throwError } from 'rxjs';

import { epoch, managerLine } from '../testing/arbitraries';
import { connectionsOver } from '../testing/connections';
import { FakeLoki, type LogEntry } from '../testing/fakeLoki';
import { withProofs } from '../testing/proofs';
import { type Answer } from './answer';
import { dayMs, hourMs, minuteMs } from './domain/duration';
import { type UsageQuery } from './query';
import { createSession } from './session';
import { settingsFrom } from './settings';
import { UpstreamError } from './upstream/errors';
import { type Transport, type TransportRequest } from './upstream/transport';

type Shown = Extract<Answer, { kind: 'table' }>;

const range = { start: epoch, end: epoch + 6 * dayMs };

const request = (time: number): LogEntry => ({
  time: BigInt(time) * 1_000_000n,
  labels: { geoip_country_code: 'ES' },
  line: managerLine({ type: 'sync', service: 'a', user: 'u' }, 'seconds'),
});

const summary: UsageQuery = { queryType: 'summary' };
const byService: UsageQuery = { queryType: 'breakdown', groupBy: 'service' };

/** It was never started with a service, and says nothing of itself. */
const emptyPrometheus: Transport = ({ path }) => {
  const resultType = { 'api/v1/query': 'vector', 'api/v1/query_range': 'matrix' }[path];
  return resultType
    ? of({ status: 'success', data: { resultType, result: [] } })
    : throwError(() => new UpstreamError('not-found', 'HTTP 404', 404));
};

/** A page about a range that reaches the present, whose panels are opened at different times. */
function openPage() {
  let now = range.end;
  const loki = new FakeLoki(Array.from({ length: 6 * 24 }, (_, hour) => request(epoch + hour * hourMs + 5)));
  const sent: TransportRequest[] = [];
  const proving = withProofs((asked) => (asked.uid === 'loki' ? loki.transport(asked) : emptyPrometheus(asked)));
  const session = createSession(
    settingsFrom({}),
    connectionsOver((asked) => {
      sent.push(asked);
      return proving(asked);
    }),
    () => now
  );
  return {
    loki,
    wait: (ms: number) => (now += ms),
    log: (time: number) => (loki.entries = [...loki.entries, request(time)]),
    async panel(name: string, query: UsageQuery = summary) {
      const before = sent.length;
      const shown = (await lastValueFrom(session.answer(query, range, 'utc', now, name))) as Shown;
      const values = (column: string) => shown.table.columns.find((one) => one.name === column)?.values ?? [];
      return {
        requests: values('requests_count_total'),
        asked: sent.length - before,
        updated: shown.completeness.find(({ source }) => source === 'request-logs')?.last_updated,
      };
    },
  };
}

it('shows a panel that comes into view later what the others show, asks nothing, and says when it was read', async () => {
  const page = openPage();
  const first = await page.panel('one');
  expect(first.requests).toEqual([144]);
  page.log(range.end - minuteMs);
  page.wait(4 * minuteMs);
  const later = await page.panel('two', byService);
  expect(later).toEqual({ requests: [144], asked: 0, updated: first.updated });
});

it('reads what is new when the same range is refreshed, and shows it to the panels that come later', async () => {
  const page = openPage();
  const first = await page.panel('one');
  await page.panel('two', byService);
  page.log(range.end - minuteMs);
  page.wait(3000);
  const refreshed = await page.panel('one');
  expect(refreshed.requests).toEqual([145]);
  expect(refreshed.asked).toBeGreaterThan(0);
  expect(refreshed.asked).toBeLessThan(first.asked);
  expect(refreshed.updated).not.toBe(first.updated);
  // The other panel of the same refresh.
  expect(await page.panel('two', byService)).toMatchObject({ requests: [145], asked: 0 });
  expect(await page.panel('three', { queryType: 'country' })).toMatchObject({ asked: 0 });
});

it('reads again for a panel that bypasses what is kept', async () => {
  const page = openPage();
  await page.panel('one');
  page.log(epoch + minuteMs);
  page.wait(3000);
  const again = await page.panel('two', { ...byService, bypassCache: true });
  expect(again.requests).toEqual([145]);
  expect(await page.panel('three')).toMatchObject({ requests: [145] });
});

it('asks again for what could not be read', async () => {
  const page = openPage();
  page.loki.options = {
    fault: ({ path }) => (path.endsWith('query_range') ? new UpstreamError('cancelled', 'gone') : undefined),
  };
  expect(await page.panel('one')).toMatchObject({ requests: [null] });
  page.loki.options = {};
  page.wait(3000);
  expect(await page.panel('two')).toMatchObject({ requests: [144] });
});

it('begins anew after five minutes, because the end of the range may still change', async () => {
  const page = openPage();
  await page.panel('one');
  page.log(range.end - minuteMs);
  page.wait(5 * minuteMs + 1);
  expect(await page.panel('two')).toMatchObject({ requests: [145] });
});
