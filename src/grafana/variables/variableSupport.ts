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
import { map, type Observable, of } from 'rxjs';

import { lazily } from '../editors/lazily';
import { type OscarOptions, type OscarQuery } from '../types';
import { type OscarVariableQuery, queriesOfList, valuesIn, variableQueryOf } from './valueLists';

type Query = (request: DataQueryRequest<OscarQuery>) => Observable<DataQueryResponse>;

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

  /** `queryReport` answers the data source's own queries. */
  constructor(private readonly queryReport: Query) {
    super();
  }

  override getDefaultQuery(): Partial<OscarQuery> & Partial<OscarVariableQuery> {
    return { list: 'services' };
  }

  /** Emits one frame with the columns `text` and `value`; an unknown list is an error in the response. */
  override query(request: DataQueryRequest<OscarVariableQuery>): Observable<DataQueryResponse> {
    const stored: unknown = request.targets[0];
    try {
      const { list, filter } = variableQueryOf(stored);
      const targets = queriesOfList(list, request.targets[0]?.refId ?? 'variable');
      return this.queryReport({ ...request, targets }).pipe(
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
