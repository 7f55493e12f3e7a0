import {
  type AnnotationEvent,
  type AnnotationQuery,
  type AnnotationSupport,
  type DataFrame,
  textUtil,
} from '@grafana/data';
import { of } from 'rxjs';

import { type SourceGaps, regionsOf } from '../../core/completeness/regions';
import { lazily } from '../editors/lazily';
import { type GapsQuery } from './gapsQuery';

/** Annotations that shade the stretches of time without data. */
export const annotationSupport: AnnotationSupport<GapsQuery> = {
  QueryEditor: lazily(() => import('../editors/AnnotationEditor')),
  getDefaultQuery: () => ({ queryType: 'completeness' }),
  prepareQuery: (annotation: AnnotationQuery<GapsQuery>) => ({
    refId: 'Anno',
    ...annotation.target,
    queryType: 'completeness',
  }),
  processEvents: (annotation: AnnotationQuery<GapsQuery>, frames: DataFrame[]) =>
    of(frames.flatMap((frame) => eventsOf(frame, annotation.target?.sources))),
};

/** Stored sources of another form make the query fail, which says so. */
function eventsOf(frame: DataFrame, stored: unknown): AnnotationEvent[] {
  const sources = Array.isArray(stored) ? stored.map(String) : undefined;
  const entries: unknown = frame.meta?.custom?.completeness;
  return regionsOf(Array.isArray(entries) ? (entries as SourceGaps[]) : [], sources).map(
    ({ source, time, timeEnd, title, text }) => ({
      time,
      timeEnd,
      isRegion: true,
      title: textUtil.escapeHtml(title),
      // Grafana draws an annotation's text as HTML; notes hold what upstreams answered.
      text: textUtil.escapeHtml(text),
      tags: [source],
    })
  );
}
