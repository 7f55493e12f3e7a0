import { map, type Observable, of, switchMap } from 'rxjs';

import { hourMs } from '../../domain/duration';
import { isEmpty, lengthOf, type Span } from '../../domain/span';
import { podLabelsSeen } from '../../expr/promqlGpu';
import { type PrometheusClient } from '../../upstream/prometheus';
import { type Sharing } from '../../upstream/sharing';

/**
 * Whether labels of some pod are known in a span. Labels of its whole hours are labels of the span, and a range that moves with
 * the clock has the same hours for a while: that there are some is asked once. Errors like the client.
 */
export function labelsSeenIn(client: PrometheusClient, span: Span, known: Sharing<boolean>): Observable<boolean> {
  const seenIn = (part: Span) =>
    known.get(JSON.stringify([client.uid, part]), () =>
      client.instant(podLabelsSeen(lengthOf(part)), part.end - 1).pipe(map(({ series }) => series.length > 0))
    );
  const hours = { start: Math.ceil(span.start / hourMs) * hourMs, end: Math.floor(span.end / hourMs) * hourMs };
  return (isEmpty(hours) ? of(false) : seenIn(hours)).pipe(switchMap((isSeen) => (isSeen ? of(true) : seenIn(span))));
}
