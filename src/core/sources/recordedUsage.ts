import { catchError, defer, forkJoin, map, type Observable, of, switchMap } from 'rxjs';

import { type Finding } from '../completeness/findings';
import { clip, gapsIn, type Span, unionOf } from '../domain/span';
import { findingsOfParts, type RecordedPart } from '../evidence/recordRules';
import { isKnown, type UsageView } from '../hours/view';
import { windowsIn } from '../hours/windows';
import { bookedHours, type BookedHours } from '../records/bookedHours';
import { type DayHours } from '../records/dayRecord';
import { type BookedDay, bookedDays } from '../records/recordBook';
import { type GatherRequest } from './source';
import { type Upstreams } from './upstreams';

/** Hours of a range, and what of them comes from usage records. */
export interface MixedUsage {
  view: UsageView;
  parts: readonly RecordedPart[];
}

const nothing: UsageView = { windows: [], missing: [], notes: [], warnings: [] };

/**
 * Hours of a span in whole minutes: from usage records as far as these are as good as the samples, else as `ask` reads them from these;
 * and of windows about which the samples say nothing, from all other valid records. Errors as `ask` does.
 */
export function withRecords(
  kind: 'cpu' | 'gpu',
  request: GatherRequest,
  upstreams: Upstreams,
  span: Span,
  ask: (span: Span) => Observable<UsageView>
): Observable<MixedUsage> {
  const { zone, usageGranularity } = request;
  return findDays(kind, request, upstreams, span).pipe(
    switchMap((days) => {
      if (days.length === 0) {
        return ask(span).pipe(map((view) => ({ view, parts: [] })));
      }
      const sure = days.filter(({ origin }) => !origin.givesWay);
      const booked = bookedHours(sure, windowsIn(span, zone, usageGranularity));
      const read$ = booked.left.length > 0 ? forkJoin(booked.left.map(ask)) : of([]);
      return read$.pipe(
        map((views) => {
          const mixed = { view: joined([viewOf(booked), ...views]), parts: booked.parts };
          const unknown = unknownIn(mixed.view, span).flatMap((part) => windowsIn(part, zone, usageGranularity));
          const instead = bookedHours(
            days.filter(({ origin }) => origin.givesWay),
            unknown
          );
          return instead.windows.length > 0 ? replaced(mixed, instead) : mixed;
        })
      );
    })
  );
}

/** What is to be known about records that hours come from. */
export function recordFindings({ view, parts }: MixedUsage, range: Span): Finding[] {
  const kinds = [...new Set([...parts.flatMap(({ origin }) => origin.findings.map(({ note }) => note)), ...view.notes])]
    .map((note) => /^GPU hours (?:are|come)[^:;]*/.exec(note)?.[0])
    .filter((note) => note !== undefined);
  const [first, ...others] = [...new Set(kinds)];
  const ofKinds = (): Finding[] => {
    if (parts.length === 0 || first === undefined) {
      return [];
    }
    return others.length > 0
      ? [{ effect: 'doubt', note: `GPU hours of several kinds are added up: ${[first, ...others].join('; ')}` }]
      : view.notes.some((note) => note.startsWith(first))
        ? []
        : [{ effect: 'remark', note: first }];
  };
  return [...findingsOfParts(parts, range), ...ofKinds()];
}

/** Days with a valid record; none where there is no Loki, or it cannot be asked: hours need samples then. */
function findDays(
  kind: 'cpu' | 'gpu',
  { settings, readAgain, round }: GatherRequest,
  { records, loki }: Upstreams,
  span: Span
): Observable<Array<BookedDay<DayHours>>> {
  if (!records) {
    return of([]);
  }
  const { archive, selector, trust } = records;
  const question = { selector, trust, families: [kind], span, readAgain };
  const purpose = kind === 'cpu' ? 'usage-cpu' : 'usage-gpu';
  return defer(() => round.records.get(kind, () => archive.find(loki(purpose), question))).pipe(
    map((found) => bookedDays(found, kind, settings)),
    catchError(() => of([]))
  );
}

function viewOf({ windows, gpu }: BookedHours): UsageView {
  const kinds = gpu && {
    active: { windows: gpu.active, missing: [] },
    allocated: { windows: gpu.allocated, missing: [] },
  };
  return { ...nothing, windows, ...(kinds && { gpu: kinds }) };
}

/** Views of different times as one. Kinds of GPU hours are shown where all of them have these. */
function joined(views: readonly UsageView[]): UsageView {
  const used = views.filter(({ windows, missing }) => windows.length > 0 || missing.length > 0);
  const kinds = used.flatMap(({ gpu }) => gpu ?? []);
  const all = <T>(pick: (view: UsageView) => readonly T[] | undefined) => views.flatMap((view) => pick(view) ?? []);
  const ofKind = (kind: 'active' | 'allocated') => ({
    windows: sorted(kinds.flatMap((own) => own[kind].windows)),
    missing: kinds.flatMap((own) => own[kind].missing),
  });
  return {
    windows: sorted(all(({ windows }) => windows)),
    missing: all(({ missing }) => missing),
    unscraped: views.every(({ missing, unscraped }) => unscraped || missing.length === 0),
    remembered: unionOf(all(({ remembered }) => remembered)),
    notes: [...new Set(all(({ notes }) => notes))],
    warnings: [...new Set(all(({ warnings }) => warnings))],
    doubts: [...new Set(all(({ doubts }) => doubts))],
    ...(used.length > 0 &&
      kinds.length === used.length && { gpu: { active: ofKind('active'), allocated: ofKind('allocated') } }),
  };
}

function sorted<T extends Span>(windows: readonly T[]): T[] {
  return [...windows].sort((a, b) => a.start - b.start);
}

/** Time about which the samples say nothing at all: windows that are missing as a whole. */
function unknownIn({ windows, missing }: UsageView, span: Span): Span[] {
  const known = windows.filter((window) => isKnown(window, missing));
  return gapsIn(span, known);
}

/** The hours of records in the place of windows that are missing. */
function replaced({ view, parts }: MixedUsage, instead: BookedHours): MixedUsage {
  const spans = unionOf(instead.windows);
  const isFree = (window: Span) => clip(spans, window).length === 0;
  return {
    view: {
      ...view,
      windows: sorted([...view.windows.filter(isFree), ...instead.windows]),
      missing: [
        ...view.missing.flatMap((gap) => gapsIn(gap, spans)),
        ...view.windows.filter((window) => !isFree(window)).flatMap((window) => gapsIn(window, spans)),
      ],
      gpu: undefined,
    },
    parts: sorted([...parts, ...instead.parts]),
  };
}
