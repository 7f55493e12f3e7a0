import { map, type Observable, of } from 'rxjs';

import { degrade, missingState, type SourceState, stateOfSpans, withFindings } from '../completeness/model';
import { minuteMs } from '../domain/duration';
import { unattributedService } from '../domain/serviceName';
import { type SourceName } from '../domain/sources';
import { inWholeMinutes, isEmpty, type Span } from '../domain/span';
import { timeOf } from '../evidence/recordRules';
import { defaultCpuQuery } from '../expr/promql';
import { defaultGpuQuery } from '../expr/promqlGpu';
import { SettledWindows } from '../hours/cache/settledWindows';
import { DayCompletions } from '../hours/cpu/askDays';
import { readCpu } from '../hours/cpu/cpuReader';
import { readGpu } from '../hours/gpu/gpuReader';
import { scrapedIn } from '../hours/scrapes/scraped';
import { ScrapeSlotCache } from '../hours/scrapes/scrapeSlotCache';
import { readTemplate } from '../hours/template/templateReader';
import { type UsageView } from '../hours/view';
import { type PrometheusClient } from '../upstream/prometheus';
import { recordFindings, withRecords } from './recordedUsage';
import { type GatherRequest, guarded, type Part, readableSpan } from './source';
import { type Upstreams } from './upstreams';

export function usage(kind: 'cpu' | 'gpu', request: GatherRequest, upstreams: Upstreams): Observable<Part> {
  const source: SourceName = kind === 'cpu' ? 'usage-cpu' : 'usage-gpu';
  const { now } = request;
  return guarded([source], request, () => {
    const span = readableSpan(request, 0);
    if (isEmpty(span)) {
      return of<Part>({
        values: {},
        states: [missingState(source, request.range, 'the range is in the future', now)],
        failed: false,
      });
    }
    const minutes = inWholeMinutes(span);
    if (isEmpty(minutes)) {
      const note = 'CPU and GPU hours are counted in whole minutes, and the range contains none';
      return of<Part>({ values: {}, states: [missingState(source, span, note, now)], failed: false });
    }
    const client = upstreams.prometheus(source);
    const ask = (part: Span) => viewOf(kind, request, upstreams, request.readAgain ? client.fresh() : client, part);
    return withRecords(kind, request, upstreams, minutes, ask).pipe(
      map((mixed) => {
        const { view, parts } = mixed;
        const state = stateOf(source, span, { ...view, missing: toEnds(view.missing, minutes, span) }, now);
        return {
          values: { [kind]: view },
          states: [
            {
              ...withFindings(state, recordFindings(mixed, span)),
              ...(parts.length > 0 && { recorded: timeOf(parts) }),
            },
          ],
          failed: view.windows.length === 0,
        };
      })
    );
  });
}

/** What is missing from the first or up to the last whole minute is missing from the start or up to the end. */
function toEnds(missing: readonly Span[], minutes: Span, span: Span): Span[] {
  return missing.map(({ start, end }) => ({
    start: start === minutes.start ? span.start : start,
    end: end === minutes.end ? span.end : end,
  }));
}

function viewOf(
  kind: 'cpu' | 'gpu',
  { settings, zone, usageGranularity, now, readAgain, round }: GatherRequest,
  { cpuWindows, cpuCompletions, usageWindows, scrapedSlots, labelsSeen }: Upstreams,
  client: PrometheusClient,
  span: Span
): Observable<UsageView> {
  const { servicesNamespace } = settings;
  const { uid } = client;
  // Always by the day unless hours are asked for: windows of other lengths would not add up with these.
  const question = { servicesNamespace, span, zone, granularity: usageGranularity };
  const settling = { now, readAgain, settleMs: settings.settleDelayMinutes * minuteMs };
  const slots = new ScrapeSlotCache(scrapedSlots, [uid], settling);
  const settledOf = (how: string) => new SettledWindows(usageWindows, [uid, servicesNamespace, zone, how], settling);
  const once = (how: string, ask: () => Observable<UsageView>) =>
    round.usage.get(JSON.stringify([how, zone, usageGranularity, span]), ask);
  if (kind === 'cpu' && settings.cpuQuery === defaultCpuQuery) {
    const asked = [uid, servicesNamespace, zone];
    const kept = {
      windows: new SettledWindows(cpuWindows, asked, settling),
      days: new DayCompletions(cpuCompletions, asked, settling, zone),
      slots,
    };
    return once('cpu', () => readCpu(client, question, kept));
  }
  if (kind === 'gpu' && settings.gpuQuery === defaultGpuQuery) {
    return once('gpu', () => readGpu(client, { ...question, slots }, settledOf, labelsSeen));
  }
  const template = kind === 'cpu' ? settings.cpuQuery : settings.gpuQuery;
  const scraped = scrapedIn(template);
  const ask = () =>
    readTemplate(
      client,
      { ...question, template: () => template, evidence: undefined, scraped, slots },
      settledOf(template)
    );
  return once(template, ask).pipe(map((view) => withTemplateNotes(view, template)));
}

/** What can't be expected of a template, which is used as it is. */
function withTemplateNotes(view: UsageView, template: string): UsageView {
  const services = new Set(view.windows.flatMap(({ hours }) => [...hours.keys()]));
  return {
    ...view,
    notes: [
      ...view.notes,
      ...(scrapedIn(template).length === 0 ? ['scrape gaps cannot be detected for the configured query'] : []),
      ...(view.missing.length > 0 && view.notes.length === 0 ? ['the configured query returned no series there'] : []),
      ...(services.size === 1 && services.has(unattributedService)
        ? ['the configured query returns neither services nor pods, so only the total is known']
        : []),
      ...(/\b(?:increase|rate)\s*\(/.test(template)
        ? ['the configured query extrapolates (increase or rate), so parts of days do not add up exactly']
        : []),
    ],
  };
}

function stateOf(source: SourceName, span: Span, view: UsageView, now: number): SourceState {
  const unread = view.unscraped ? 'not scraped' : 'not measured';
  const state = { ...stateOfSpans(source, span, view.missing, view.notes, now), unread };
  const doubts = [
    ...(view.warnings.length > 0 ? [`the answer may be incomplete: ${view.warnings.join('; ')}`] : []),
    ...(view.doubts ?? []),
  ];
  return doubts.reduce(degrade, state);
}
