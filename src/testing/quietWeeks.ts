import { dayMs } from '../core/domain/duration';
import { type LedgerRequest } from '../core/requests/ledger';
import { type TransportRequest } from '../core/upstream/transport';
import { epoch, type KnownEntry, managerLine } from './arbitraries';
import { type LogEntry } from './fakeLoki';

/** How many days `quietWeeks` are. */
export const days = 20;

/** Some weeks of a cluster: users from several countries, one service and user of whom call each day. */
export const quietWeeks: KnownEntry[] = Array.from({ length: days * 40 }, (_, index) => {
  const country = (['ES', 'ES', 'ES', 'PL', 'unknown'] as const)[index % 5] as string;
  const user = index % 2 === 0 ? 'oscar' : `user-${index % 101}`;
  const meaning = { type: 'async' as const, service: `s${index % 7}`, user, country, outcome: 'succeeded' as const };
  const labels: LogEntry['labels'] = country === 'unknown' ? {} : { geoip_country_code: country };
  const time = BigInt(epoch) * 1_000_000n + (BigInt(index) * BigInt(dayMs) * 1_000_000n) / 40n;
  return { time, labels, line: managerLine(meaning, 'seconds'), meaning };
});
export const span = { start: epoch, end: epoch + days * dayMs };
export const whole: LedgerRequest = { span, zone: 'utc', granularity: 'day' };

export const queryOf = ({ params }: TransportRequest) => params['query'] ?? '';
export const isMetric = (request: TransportRequest) => queryOf(request).startsWith('sum');
export const isOfBatch = (request: TransportRequest) =>
  isMetric(request) && request.params['start'] !== request.params['end'];
/** A query for the counts of a part of a batch, and the one for its lines before. */
export const isBatchQuery = (request: TransportRequest) =>
  isOfBatch(request) && queryOf(request).includes('(oscar_call');
export const isLines = (request: TransportRequest) => isOfBatch(request) && !isBatchQuery(request);
