import {
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  LoadingState,
  type PanelData,
  toDataFrame,
} from '@grafana/data';
import { toDataQueryError } from '@grafana/runtime';
import { catchError, connect, defer, from, map, merge, type Observable, of, scan, takeUntil, timer } from 'rxjs';

interface Collected {
  packets: Record<string, DataQueryResponse>;
  panel: PanelData;
}

/** A panel shows that it waits only when the answer takes longer than this. */
const loadingAfterMs = 200;

/**
 * What a panel gets from one request, as Grafana gives it: the packets of one key replace each other, a missing state
 * means Done, frames of the topic "annotations" go apart, and what the data source throws is an error of the panel.
 */
export function runRequest(
  dataSource: DataSourceApi,
  request: DataQueryRequest,
  queryFunction?: DataSourceApi['query']
): Observable<PanelData> {
  const start: Collected = {
    packets: {},
    panel: { state: LoadingState.Loading, series: [], request, timeRange: request.range },
  };
  const query = queryFunction ?? dataSource.query.bind(dataSource);
  return defer(() => from(query(request))).pipe(
    scan(collect, start),
    map(({ panel }) => panel),
    catchError((error) => {
      const queryError = toDataQueryError(error);
      return of({ ...start.panel, state: LoadingState.Error, error: queryError, errors: [queryError] });
    }),
    // The data source is asked once, also when it answers at once.
    connect((answers) =>
      merge(
        timer(loadingAfterMs).pipe(
          map(() => start.panel),
          takeUntil(answers)
        ),
        answers
      )
    )
  );
}

function collect({ packets, panel }: Collected, packet: DataQueryResponse): Collected {
  const all = { ...packets, [packet.key ?? 'A']: packet };
  const frames = Object.values(all).flatMap(({ data }) => data.map((frame): DataFrame => toDataFrame(frame)));
  const isAnnotation = ({ meta }: DataFrame) => meta?.dataTopic === 'annotations';
  const errors = packet.errors ?? [];
  return {
    packets: all,
    panel: {
      ...panel,
      state: errors.length > 0 ? LoadingState.Error : (packet.state ?? LoadingState.Done),
      series: frames.filter((frame) => !isAnnotation(frame)),
      annotations: frames.filter(isAnnotation),
      errors,
      error: packet.error ?? errors[0],
    },
  };
}
