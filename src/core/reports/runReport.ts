import { type SourceState, type Status, statusIn, worstStatus } from '../completeness/model';
import { stateIn } from '../completeness/part';
import { incompleteLines } from '../completeness/reasons';
import { isWithheld } from '../completeness/strict';
import { type Period, periodsOf, type PeriodUnit } from '../domain/periods';
import { type SourceName, sourceNames } from '../domain/sources';
import { clip, inWholeMinutes, isEmpty, type Span } from '../domain/span';
import { usersAreKnownIn } from '../evidence/recordRules';
import { type UsageView } from '../hours/view';
import { type ServiceFilter } from '../requests/counting';
import { type Seen } from '../requests/seenTimes';
import { sortedInSteps, type Work } from '../runtime/turns';
import { type Gathered, type SeenBySpan } from '../sources/source';
import { rowOrder, rowTest } from './arrange';
import { mergeSeen, sumHours, usedBetween } from './facts';
import { chooseKept, keptInSpan } from './limit';
import { countedIn } from './outcomes';
import { type Block, type Facts, type Report, type ReportContext, type SeriesBlock } from './report';
import { selectionOf } from './selection';
import { withProtectedUsers } from './smallGroups';

/** Rows between two interruptions. */
const rowsAtOnce = 500;

/** The blocks of a report, and how many of its rows over the whole range a limit merged: the most of a group, 0 for none. */
export interface Computed<Part> {
  blocks: Part[];
  merged: number;
}

/** Computes a report from what was gathered: one block, or one for each calendar period of the range. */
export function* runReport(
  report: Report,
  asked: ReportContext,
  gathered: Gathered,
  range: Span,
  unit: PeriodUnit | undefined,
  zone: string
): Work<Computed<Block>> {
  const blocks: Block[] = [];
  const periods: ReadonlyArray<Period | undefined> = unit ? periodsOf(range, unit, zone) : [undefined];
  const spans = periods.map((period) => period ?? range);
  const whole = once(() => factsOf(gathered, range, asked, spans));
  const context = yield* withProtectedUsers(report, asked, whole);
  const choice = yield* chooseKept(report, context, whole);
  for (const period of periods) {
    const span = period ?? range;
    const facts = factsOf(gathered, span, context);
    yield;
    const kept = choice && (yield* keptInSpan(report, context, facts, choice.kept));
    const rows = yield* rowsOf(report, { ...context, kept }, facts, flagging(gathered, span));
    blocks.push({ ...(period && { period }), rows });
    yield;
  }
  return { blocks, merged: choice?.merged ?? 0 };
}

/** The rows of a span that have a figure, in their order. */
function* rowsOf(
  report: Report,
  context: ReportContext,
  facts: Facts,
  flagsOf: ReturnType<typeof flagging>
): Work<Block['rows']> {
  const selection = selectionOf(report, context.query);
  const [hasFigure, order] = [rowTest(report, selection), rowOrder(report, selection)];
  const rows: Block['rows'] = [];
  for (const row of yield* report.rows(facts, context)) {
    if (hasFigure(row)) {
      rows.push({ ...row, ...flagsOf(row.sources ?? selection.sources) });
      if (rows.length % rowsAtOnce === 0) {
        yield;
      }
    }
  }
  return order ? yield* sortedInSteps(rows, order) : rows;
}

/** Status and notes of rows that depend on the same sources, worked out once. */
function flagging(gathered: Gathered, span: Span) {
  const known = new Map<string, { completeness: Status; notes: string[] }>();
  return (sources: readonly SourceName[]) => {
    const key = sources.join();
    const flags = known.get(key) ?? {
      completeness: worstStatus(sources.map((source) => statusOf(gathered, source, span))),
      notes: [
        ...incompleteLines(statesOf(gathered, sources), span),
        ...(sources.some((source) => isUncounted(source, span)) ? [uncountedNote] : []),
      ],
    };
    known.set(key, flags);
    return flags;
  };
}

/** Computes a time series: the points of each calendar period of the range. A report without series has none. */
export function* runSeries(
  report: Report,
  asked: ReportContext,
  gathered: Gathered,
  range: Span,
  unit: PeriodUnit,
  zone: string
): Work<Computed<SeriesBlock>> {
  const blocks: SeriesBlock[] = [];
  const periods = periodsOf(range, unit, zone);
  const whole = once(() => factsOf(gathered, range, asked, periods));
  const context = yield* withProtectedUsers(report, asked, whole);
  const choice = yield* chooseKept(report, context, whole);
  for (const period of periods) {
    const facts = factsOf(gathered, period, context);
    yield;
    blocks.push({
      period,
      points: report.series ? yield* report.series.points(facts, { ...context, kept: choice?.kept }) : [],
      unknown: new Set(report.series?.unknown?.(facts, context)),
      missing: new Set(sourceNames.filter((source) => !isShown(gathered, source, period))),
    });
    yield;
  }
  return { blocks, merged: choice?.merged ?? 0 };
}

/**
 * What only some reports look at is worked out when they do. A source without figures to show in any of `shown`, the span or
 * the periods in it, has none.
 */
function factsOf(gathered: Gathered, span: Span, context: ReportContext, shown: readonly Span[] = [span]): Facts {
  const { services } = context;
  const has = (source: SourceName) => shown.some((part) => isShown(gathered, source, part));
  const windowsOf = (view: UsageView | undefined, source: SourceName) => (view && has(source) ? view.windows : null);
  const cpu = windowsOf(gathered.cpu, 'usage-cpu');
  const gpu = windowsOf(gathered.gpu, 'usage-gpu');
  const deployed = gathered.inventory?.services;
  const seen = once(() => mergeSeen([gathered.requestsSeen, gathered.exposedSeen].map((view) => ofSpan(view, span))));
  const states = once(() => statesOf(gathered, sourceNames).map((state) => stateIn(state, span)));
  const usedCpu = once(() => cpu && usedBetween(cpu, span));
  return {
    span,
    ...countedIn(
      {
        requests: has('request-logs') ? gathered.requests : undefined,
        exposed: has('exposed-request-logs') ? gathered.exposed : undefined,
      },
      span,
      context
    ),
    usersAreKnown: !gathered.requests || usersAreKnownIn(gathered.requests, span),
    hasCountries: has('country-attribution'),
    cpu: cpu && sumHours(cpu, span, services),
    gpu: gpu && sumHours(gpu, span, services),
    gpuKinds: gpu && gpuKindsOf(gathered.gpu, span, services),
    deployed: deployed ? deployed.filter((name) => !services || services.has(name)) : null,
    get seen() {
      return seen();
    },
    get states() {
      return states();
    },
    get usedCpu() {
      return usedCpu();
    },
  };
}

function once<T>(compute: () => T): () => T {
  let result: { value: T } | undefined;
  return () => (result ??= { value: compute() }).value;
}

/** These columns have no completeness of their own: they are whole, or they are not shown. */
function gpuKindsOf(view: UsageView | undefined, span: Span, services: ServiceFilter): Facts['gpuKinds'] {
  const kinds = view?.gpu;
  if (!kinds || [kinds.active, kinds.allocated].some(({ missing }) => clip(missing, span).length > 0)) {
    return null;
  }
  const sums = ({ windows }: Pick<UsageView, 'windows'>) => sumHours(windows, span, services);
  return { active: sums(kinds.active), allocated: sums(kinds.allocated) };
}

/** Spans are asked for by the same edges, though not by the same objects. */
function ofSpan(seen: SeenBySpan | undefined, { start, end }: Span): ReadonlyMap<string, Seen> | undefined {
  return [...(seen ?? [])].find(([span]) => span.start === start && span.end === end)?.[1];
}

/** True when a source has figures to show for a span. */
function isShown(gathered: Gathered, source: SourceName, span: Span): boolean {
  const state = gathered.states.get(source);
  return (
    state !== undefined &&
    !state.unconfigured &&
    statusOf(gathered, source, span) !== 'missing' &&
    !isWithheld(state, span)
  );
}

function statusOf({ states }: Gathered, source: SourceName, span: Span): Status {
  const state = states.get(source);
  return state && !isUncounted(source, span) ? statusIn(state, span) : 'missing';
}

/** Hours of use are counted in whole minutes; a period that the range cuts may have none. */
function isUncounted(source: SourceName, span: Span): boolean {
  return (source === 'usage-cpu' || source === 'usage-gpu') && isEmpty(inWholeMinutes(span));
}

const uncountedNote = 'CPU and GPU hours are counted in whole minutes, and the period contains none';

/** The states of the sources that a report depends on, in the contract's order. */
export function statesOf({ states }: Gathered, sources: readonly SourceName[]): SourceState[] {
  return sources.flatMap((source) => states.get(source) ?? []);
}
