import { type Finding } from '../completeness/findings';
import { quarterHourMs } from '../domain/duration';
import { gapsIn, type Span, totalLength } from '../domain/span';
import { compareText } from '../domain/text';
import { addTo } from '../hours/sums';
import { type UsageView } from '../hours/view';
import { endsOf } from './countsOf';
import {
  type DayHours,
  type HoursFamily,
  type HoursTable,
  lostQuarters,
  nanoHoursInHour,
  quartersInDay,
} from './dayRecord';
import { unread } from './findingsOf';

export interface HoursToRecord {
  family: HoursFamily;
  day: Span;
  /** Of the day, in windows of a quarter hour. */
  view: UsageView;
  findings: readonly Finding[];
  patterns: number;
  settings: Readonly<Record<string, string>>;
}

/** Billionths of an hour by service, in each quarter hour. */
type Quarters = Array<Map<string, number>>;

/** What a day's hours are recorded as: rounded to a billionth of an hour each. Throws a `RangeError` for another window than a quarter hour. */
export function hoursOf({ family, day, view, findings, patterns, settings }: HoursToRecord): DayHours {
  const lost = findings.flatMap((finding) => (finding.effect === 'lost' ? finding.spans : []));
  const uncovered = gapsIn(day, [...view.windows, ...lost]);
  const all = uncovered.length > 0 ? [...findings, unread(uncovered, '')] : findings;
  const isLost = lostQuarters(day, all);
  const { active, allocated } = view.gpu ?? {};
  const kinds = family === 'gpu' && active && allocated && [active, allocated].every((kind) => isWhole(kind, day));
  const quarters: Record<string, Quarters> = {
    hours: quartersOf(view, day, isLost),
    ...(kinds && { active: quartersOf(active, day, isLost), allocated: quartersOf(allocated, day, isLost) }),
  };
  const names = new Set(Object.values(quarters).flatMap((own) => own.flatMap((byService) => [...byService.keys()])));
  const services = [...names].sort(compareText);
  const tables = Object.fromEntries(
    Object.entries(quarters).map(([name, own]) => [name, tableOf(own, services)])
  ) as unknown as DayHours['tables'];
  return { family, patterns, settings, findings: all, services, tables };
}

function isWhole({ windows, missing }: Pick<UsageView, 'windows' | 'missing'>, day: Span): boolean {
  return totalLength(missing) === 0 && gapsIn(day, windows).length === 0;
}

function quartersOf({ windows }: Pick<UsageView, 'windows'>, day: Span, isLost: readonly boolean[]): Quarters {
  const quarters: Quarters = Array.from({ length: quartersInDay }, () => new Map());
  for (const { start, end, hours } of windows) {
    const own = quarters[(start - day.start) / quarterHourMs];
    if (!own || end - start !== quarterHourMs) {
      throw new RangeError('a window is no quarter hour of the day');
    }
    if (isLost[(start - day.start) / quarterHourMs]) {
      continue;
    }
    for (const [service, value] of hours) {
      const nanoHours = Math.round(value * nanoHoursInHour);
      if (nanoHours > 0) {
        addTo(own, service, nanoHours);
      }
    }
  }
  return quarters;
}

function tableOf(quarters: Quarters, services: readonly string[]): HoursTable {
  const numberOf = new Map(services.map((service, number) => [service, number]));
  const sorted = quarters.map((own) =>
    [...own].map(([service, value]) => [numberOf.get(service) ?? 0, value] as const).sort(([a], [b]) => a - b)
  );
  const all = sorted.flat();
  return {
    ends: endsOf(sorted),
    services: Uint32Array.from(all, ([service]) => service),
    nanoHours: Float64Array.from(all, ([, value]) => value),
  };
}
