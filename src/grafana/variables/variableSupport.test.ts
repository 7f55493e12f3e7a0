import {
  type DataQueryRequest,
  type DataQueryResponse,
  dateTime,
  FieldType,
  LoadingState,
  toDataFrame,
} from '@grafana/data';
import { lastValueFrom, NEVER, of } from 'rxjs';

import { type OscarQuery } from '../types';
import { type OscarVariableQuery } from './valueLists';
import { OscarVariableSupport } from './variableSupport';

const range = { from: dateTime(0), to: dateTime(1), raw: { from: dateTime(0), to: dateTime(1) } };

function request(target: unknown): DataQueryRequest<OscarVariableQuery> {
  return { requestId: 'v', targets: [target], range, scopedVars: {} } as DataQueryRequest<OscarVariableQuery>;
}

function support(response: DataQueryResponse) {
  const queryReport = jest.fn((_: DataQueryRequest<OscarQuery>) => of(response));
  const askAhead = jest.fn(() => NEVER);
  return { variables: new OscarVariableSupport(queryReport, askAhead), queryReport, askAhead };
}

const whole = (...keys: string[]): DataQueryResponse => ({
  state: LoadingState.Done,
  data: [toDataFrame({ fields: [{ name: 'key', type: FieldType.string, values: keys }] })],
});

it('answers with texts and values, read from a report of the same range', async () => {
  const { variables, queryReport } = support(whole('b', "'=a"));
  const { data, state } = await lastValueFrom(variables.query(request({ refId: 'x', list: 'users' })));
  expect(state).toBe(LoadingState.Done);
  expect(data[0].fields.map(({ name, values }: { name: string; values: string[] }) => [name, values])).toEqual([
    ['text', ['=a', 'b']],
    ['value', ['=a', 'b']],
  ]);
  expect(queryReport.mock.calls[0]?.[0]).toMatchObject({
    range,
    targets: [{ refId: 'x', queryType: 'breakdown', groupBy: 'user' }],
  });
});

it('says what is wrong with its query, and asks nothing', async () => {
  const { variables, queryReport } = support(whole());
  const { data, errors, state } = await lastValueFrom(variables.query(request('cities')));
  expect({ data, state }).toEqual({ data: [], state: LoadingState.Error });
  expect(errors?.[0]?.message).toMatch('unknown list "cities"');
  expect(queryReport).not.toHaveBeenCalled();
});

it('asks ahead for what it names, about the range of the list, and for nothing else', async () => {
  const { variables, askAhead } = support(whole('a'));
  await lastValueFrom(variables.query(request({ refId: 'x', list: 'users' })));
  await lastValueFrom(variables.query(request({ refId: 'x', list: 'users', ahead: [] })));
  expect(askAhead).not.toHaveBeenCalled();
  await lastValueFrom(variables.query(request({ refId: 'x', list: 'users', ahead: ['usage-cpu'] })));
  expect(askAhead.mock.calls).toEqual([[['usage-cpu'], expect.objectContaining({ range })]]);
});

it.each([['usage-cpu'], [['request-logs']]])('refuses to ask ahead for %j', async (ahead) => {
  const { variables, queryReport, askAhead } = support(whole());
  const { errors } = await lastValueFrom(variables.query(request({ list: 'users', ahead })));
  expect(errors?.[0]?.message).toBe('ahead must be a list of usage-cpu, usage-gpu, service-inventory');
  expect([queryReport.mock.calls, askAhead.mock.calls]).toEqual([[], []]);
});

it('passes an error of the report on', async () => {
  const errors = [{ message: 'Loki is down' }];
  const { variables } = support({ data: [], state: LoadingState.Error, errors });
  const response = await lastValueFrom(variables.query(request({ list: 'services' })));
  expect(response).toMatchObject({ state: LoadingState.Error, errors, data: [] });
});
