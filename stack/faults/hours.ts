import { type UsageQuery } from '../../src/core/query';
import { type Row } from '../conformance/frames';
import { expectedByService, type Range, type Truth } from '../traffic';
import { unattributedService } from '../traffic/truthFile';
import { nameOf, type ReportAnswer } from './reports';

/** How far CPU hours may be from the truth at a scrape of two minutes, as shares of it. */
const tolerance = { total: 0.03, service: 0.08 };
/** Services with less than this say nothing. */
const minHours = 1;

/**
 * Compares CPU hours with the truth, which knows each restart of a container, as sentences. Hours that are called whole
 * have to be near it; no others may be larger.
 */
export function judgeHours({ target, result }: ReportAnswer, truth: Truth, range: Range): string[] {
  const hoursOf = hoursIn(target);
  const status = result?.sources.find(({ source }) => source === 'usage-cpu')?.status;
  if (!result || !hoursOf || status === undefined || status === 'missing') {
    return [];
  }
  const expected = new Map(expectedByService(truth, range).map(({ key, cpu_hours }) => [key, cpu_hours ?? 0]));
  const reported = new Map(
    result.rows.flatMap((row): Array<[string, number]> => {
      const hours = hoursOf(row);
      return typeof hours === 'number' ? [[String(row.service ?? row.key ?? ''), hours]] : [];
    })
  );
  const say = (what: string, hours: number, true_: number) =>
    `${nameOf(target)}: ${what} has ${hours.toFixed(2)} CPU hours (${status}), but used ${true_.toFixed(2)}`;
  const isWrong = (hours: number, true_: number, allowed: number) =>
    hours > true_ * (1 + allowed) || (status === 'ok' && hours < true_ * (1 - allowed));
  const totals = [sumOf(reported), sumOf(expected)] as const;
  const services = [...expected].filter(
    ([service, hours]) => hours >= minHours && target.queryType !== 'summary' && service !== unattributedService
  );
  return [
    ...(isWrong(...totals, tolerance.total) ? [say('everything', ...totals)] : []),
    ...services.flatMap(([service, hours]) => {
      const got = reported.get(service) ?? 0;
      return isWrong(got, hours, tolerance.service) ? [say(service, got, hours)] : [];
    }),
  ];
}

/** Where a report has CPU hours of the whole range; undefined when it has none. */
function hoursIn({ queryType, groupBy, metric, interval, format }: UsageQuery): ((row: Row) => unknown) | undefined {
  if (interval !== undefined || format !== undefined) {
    return undefined;
  }
  if (queryType === 'summary') {
    return (row) => row.cpu_hours_total;
  }
  if (queryType === 'metric' && (metric === undefined || metric === 'cpu-hours')) {
    return (row) => (row.metric === 'cpu-hours' ? row.value : undefined);
  }
  return queryType === 'breakdown' && groupBy === 'service' ? (row) => row.cpu_hours : undefined;
}

function sumOf(hours: ReadonlyMap<string, number>): number {
  return [...hours.values()].reduce((sum, value) => sum + value, 0);
}
