import {
  createDataFrame,
  CustomVariableSupport,
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  FieldType,
  LoadingState,
} from '@grafana/data';
import { EMPTY, map, type Observable, of } from 'rxjs';

import { type AheadSource } from '../../core/sources/ahead';
import { lazily } from '../editors/lazily';
import { type OscarOptions, type OscarQuery } from '../types';
import { alongside } from './alongside';
import { type OscarVariableQuery, queriesOfList, valuesIn, variableQueryOf } from './valueLists';

type Query = (request: DataQueryRequest<OscarQuery>) => Observable<DataQueryResponse>;
type Ahead = (sources: readonly AheadSource[], request: DataQueryRequest<OscarQuery>) => Observable<unknown>;

/**
 * Template variables that list services, users or countries. They are read from a report of the dashboard's range, so
 * that they share its scan of the logs.
 */
export class OscarVariableSupport extends CustomVariableSupport<
  DataSourceApi<OscarQuery, OscarOptions>,
  OscarVariableQuery,
  OscarQuery,
  OscarOptions
> {
  override editor = lazily(() => import('../editors/VariableEditor'));

  /** `queryReport` answers the data source's own queries; `askAhead` asks sources for what panels of a request's range will need. */
  constructor(
    private readonly queryReport: Query,
    private readonly askAhead: Ahead
  ) {
    super();
  }

  override getDefaultQuery(): Partial<OscarQuery> & Partial<OscarVariableQuery> {
    return { list: 'services' };
  }

  /** Emits one frame with the columns `text` and `value`; an unknown list is an error in the response. */
  override query(request: DataQueryRequest<OscarVariableQuery>): Observable<DataQueryResponse> {
    const stored: unknown = request.targets[0];
    try {
      const { list, filter, ahead = [] } = variableQueryOf(stored);
      const targets = queriesOfList(list, request.targets[0]?.refId ?? 'variable');
      const ofReport = { ...request, targets };
      const ahead$ = ahead.length > 0 ? this.askAhead(ahead, ofReport) : EMPTY;
      return alongside(this.queryReport(ofReport), ahead$, isAnswer).pipe(
        map(({ data, ...response }) => ({
          ...response,
          data: data.length > 0 ? [valueFrame(data, list, filter)] : [],
        }))
      );
    } catch (error) {
      const { message } = error as Error;
      return of({ data: [], state: LoadingState.Error, error: { message }, errors: [{ message }] });
    }
  }
}

function isAnswer({ state }: DataQueryResponse): boolean {
  return state === LoadingState.Done || state === LoadingState.Error;
}

function valueFrame(frames: DataFrame[], list: OscarVariableQuery['list'], filter: string | undefined): DataFrame {
  const values = valuesIn(frames, list, filter);
  return createDataFrame({
    refId: frames[0]?.refId,
    fields: [
      { name: 'text', type: FieldType.string, values: values.map(({ text }) => text) },
      { name: 'value', type: FieldType.string, values: values.map(({ value }) => value) },
    ],
  });
}
