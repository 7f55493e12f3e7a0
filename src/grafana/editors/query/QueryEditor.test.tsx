import { createDataFrame, type DataQueryRequest, type DataQueryResponse, FieldType, LoadingState } from '@grafana/data';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useState } from 'react';
import { NEVER, of, throwError } from 'rxjs';

import { axeProblems } from '../../../testing/axe';
import { giveLayout } from '../../../testing/layout';
import { type OscarQuery } from '../../types';
import { questions } from '../questions';
import { selectors } from '../selectors';
import { type DataSource, type EditorProps } from './editorProps';
import QueryEditor from './QueryEditor';

const variables = [
  { name: 'service', type: 'query', label: 'Service' },
  { name: 'ds', type: 'datasource' },
];
jest.mock('@grafana/runtime', () => ({
  ...jest.requireActual('@grafana/runtime'),
  getTemplateSrv: () => ({ getVariables: () => variables }),
}));

const { queryEditor } = selectors;

const response: DataQueryResponse = {
  state: LoadingState.Done,
  data: [createDataFrame({ fields: [{ name: 'key', type: FieldType.string, values: ['plant', 'body.pose'] }] })],
};

interface Calls {
  onChange: jest.Mock;
  onRunQuery: jest.Mock;
  query: jest.Mock;
}

/** Draws the editor as Grafana does: what it reports becomes its query. Gives the functions it calls. */
function draw(initial: Partial<OscarQuery>, answer: DataSource['query'] = () => of(response)): Calls {
  const calls = { onChange: jest.fn(), onRunQuery: jest.fn(), query: jest.fn(answer) };
  const datasource = { query: calls.query } as unknown as DataSource;
  function Host() {
    const [query, setQuery] = useState({ refId: 'A', ...initial } as OscarQuery);
    const props: EditorProps = {
      query,
      datasource,
      onRunQuery: calls.onRunQuery,
      onChange: (changed) => {
        calls.onChange(changed);
        setQuery(changed);
      },
    };
    return <QueryEditor {...props} />;
  }
  render(<Host />);
  return calls;
}

/** Opens a combobox, as a person does, and picks an option by its text. */
async function pick(label: string, option: string) {
  await userEvent.click(screen.getByRole('combobox', { name: label }));
  await userEvent.click(await screen.findByRole('option', { name: new RegExp(`^${escaped(option)}`) }));
}

const escaped = (text: string) => text.replace(/[$?.()]/g, '\\$&');
const lastQuery = ({ onChange }: Calls): OscarQuery => onChange.mock.lastCall?.[0];

beforeAll(giveLayout);

it.each(Object.entries(questions))('offers the query type %s as a question', async (queryType, { title }) => {
  const calls = draw({ queryType: queryType === 'summary' ? 'country' : 'summary' });
  await pick(queryEditor.question.label, title);
  expect(lastQuery(calls)).toMatchObject({ refId: 'A', queryType });
  expect(calls.onRunQuery).toHaveBeenCalledTimes(1);
});

it('keeps what still applies when the question changes, and drops the rest', async () => {
  const calls = draw({ queryType: 'summary', services: ['a'], interval: 'month', includeUsers: true });
  await pick(queryEditor.question.label, questions.country.title);
  expect(lastQuery(calls)).toEqual({ refId: 'A', queryType: 'country', services: ['a'], interval: 'month' });
});

it('does not run a query that has a problem, and says what is valid', async () => {
  const calls = draw({ queryType: 'summary', format: 'pie' as OscarQuery['format'] });
  expect(screen.getByTestId(queryEditor.problem.testId)).toHaveTextContent(
    'unknown format "pie"; valid are: table, timeseries'
  );
  await userEvent.click(screen.getByRole('switch', { name: queryEditor.includeUsers.label }));
  expect(lastQuery(calls)).toMatchObject({ includeUsers: true });
  expect(calls.onRunQuery).not.toHaveBeenCalled();
});

it('shows no problem and runs nothing before a question is chosen', () => {
  const calls = draw({});
  expect(screen.queryByTestId(queryEditor.problem.testId)).toBeNull();
  expect(screen.getByRole('combobox', { name: queryEditor.question.label })).toHaveValue('');
  expect(calls.onRunQuery).not.toHaveBeenCalled();
});

describe('the services', () => {
  it('are offered from the data, with the template variables first', async () => {
    const calls = draw({ queryType: 'summary' });
    await userEvent.click(screen.getByRole('combobox', { name: queryEditor.services.label }));
    const options = await screen.findAllByRole('option');
    expect(options.map(({ textContent }) => textContent)).toEqual(['$serviceService', 'body.pose', 'plant']);
    const request: DataQueryRequest<OscarQuery> = calls.query.mock.lastCall[0];
    expect(request.targets).toHaveLength(1);
    expect(request.range.to.valueOf() - request.range.from.valueOf()).toBe(24 * 3_600_000);
  });

  it("are added one by one, also by a name of one's own", async () => {
    const calls = draw({ queryType: 'services', services: ['plant'] });
    const box = screen.getByRole('combobox', { name: queryEditor.services.label });
    await userEvent.type(box, 'gone');
    expect(calls.onChange).not.toHaveBeenCalled();
    await userEvent.click(await screen.findByRole('option', { name: /^gone/ }));
    expect(lastQuery(calls).services).toEqual(['plant', 'gone']);
    expect(calls.onRunQuery).toHaveBeenCalledTimes(1);
  });

  it('can be variables', async () => {
    const calls = draw({ queryType: 'services' });
    await pick(queryEditor.services.label, '$service');
    expect(lastQuery(calls).services).toEqual(['$service']);
  });

  it('are all services again, without a list, when the last one is taken away', async () => {
    const calls = draw({ queryType: 'services', services: ['plant'] });
    await userEvent.click(screen.getByRole('button', { name: /remove/i }));
    expect(lastQuery(calls)).toEqual({ refId: 'A', queryType: 'services' });
  });

  it('that cannot be read leave the variables, and the reason', async () => {
    draw({ queryType: 'services' }, () => throwError(() => new Error('Loki is down')));
    await userEvent.click(screen.getByRole('combobox', { name: queryEditor.services.label }));
    expect(await screen.findByText('Loki is down')).toBeVisible();
    expect(screen.getByRole('option', { name: /^\$service/ })).toBeVisible();
  });

  it('are not asked for until the menu opens', () => {
    const { query } = draw({ queryType: 'summary' }, () => NEVER);
    expect(query).not.toHaveBeenCalled();
  });
});

it('names every figure and says what it counts', async () => {
  const calls = draw({ queryType: 'metric' });
  await userEvent.click(screen.getByRole('combobox', { name: queryEditor.metric.label }));
  const list = await screen.findByRole('listbox', { name: queryEditor.metric.label });
  expect(within(list).getAllByRole('option')).toHaveLength(11);
  expect(within(list).getByText('Hours for which GPUs were allocated')).toBeVisible();
  await userEvent.click(within(list).getByRole('option', { name: /^GPU hours/ }));
  expect(lastQuery(calls)).toEqual({ refId: 'A', queryType: 'metric', metric: 'gpu-hours' });
  await pick(queryEditor.metric.label, 'All metrics');
  expect(lastQuery(calls)).toEqual({ refId: 'A', queryType: 'metric' });
});

it('lists users only where there is a column for them', async () => {
  const calls = draw({ queryType: 'breakdown', groupBy: 'service', includeUsers: true });
  await userEvent.click(screen.getByRole('radio', { name: queryEditor.groupBy.user }));
  expect(lastQuery(calls)).toEqual({ refId: 'A', queryType: 'breakdown', groupBy: 'user' });
  expect(screen.queryByRole('switch', { name: queryEditor.includeUsers.label })).toBeNull();
});

describe('the columns', () => {
  it('are offered by their names, without those that are always there', async () => {
    const calls = draw({ queryType: 'membership' });
    await userEvent.click(screen.getByRole('combobox', { name: queryEditor.columns.label }));
    const options = await screen.findAllByRole('option');
    expect(options.map(({ textContent }) => textContent)).toEqual(['users_count', 'executions_count', 'percentage']);
    await userEvent.click(screen.getByRole('option', { name: 'users_count' }));
    expect(lastQuery(calls)).toEqual({ refId: 'A', queryType: 'membership', columns: ['users_count'] });
    expect(calls.onRunQuery).toHaveBeenCalledTimes(1);
  });

  it('are numbers alone over time', async () => {
    draw({ queryType: 'country', format: 'timeseries' });
    await userEvent.click(screen.getByRole('combobox', { name: queryEditor.columns.label }));
    const options = await screen.findAllByRole('option');
    expect(options.map(({ textContent }) => textContent)).toEqual(['request_count', 'percentage']);
  });

  it('are not offered where it is not known of what', () => {
    draw({ queryType: 'breakdown', groupBy: 'pie' as OscarQuery['groupBy'], columns: ['cpu_hours'] });
    expect(screen.queryByRole('combobox', { name: queryEditor.columns.label })).toBeNull();
  });

  it('that the report does not have are shown, with what is valid', () => {
    draw({ queryType: 'country', columns: ['cpu_hours'] });
    expect(screen.getByTestId(queryEditor.problem.testId)).toHaveTextContent('unknown column "cpu_hours"; valid are:');
    expect(screen.getByText('cpu_hours')).toBeVisible();
  });
});

describe('the limit', () => {
  const box = () => screen.getByRole('textbox', { name: queryEditor.limit.label });

  it('is a number once it is finished, and none when it is emptied', async () => {
    const calls = draw({ queryType: 'breakdown', groupBy: 'user' });
    await userEvent.type(box(), '25');
    expect(calls.onChange).not.toHaveBeenCalled();
    await userEvent.tab();
    expect(lastQuery(calls)).toEqual({ refId: 'A', queryType: 'breakdown', groupBy: 'user', limit: 25 });
    expect(calls.onRunQuery).toHaveBeenCalledTimes(1);
    await userEvent.clear(box());
    await userEvent.tab();
    expect(lastQuery(calls)).not.toHaveProperty('limit');
  });

  it('may be a template variable, of which the editor knows no value', async () => {
    const calls = draw({ queryType: 'country' });
    await userEvent.type(box(), '$rows');
    await userEvent.tab();
    expect(lastQuery(calls).limit).toBe('$rows');
    expect(calls.onRunQuery).toHaveBeenCalledTimes(1);
    expect(screen.queryByTestId(queryEditor.problem.testId)).toBeNull();
  });

  it('that is none is shown with what is valid, and does not run', async () => {
    const calls = draw({ queryType: 'services' });
    await userEvent.type(box(), 'many');
    await userEvent.tab();
    expect(screen.getByTestId(queryEditor.problem.testId)).toHaveTextContent('limit must be a whole number above 0');
    expect(calls.onRunQuery).not.toHaveBeenCalled();
  });

  it('is not offered where it has no effect', () => {
    draw({ queryType: 'membership', limit: 5 });
    expect(screen.queryByRole('textbox', { name: queryEditor.limit.label })).toBeNull();
  });
});

it('offers periods that fit the shape of the result', async () => {
  const calls = draw({ queryType: 'summary' });
  await pick(queryEditor.interval.label, 'Quarter');
  expect(lastQuery(calls).interval).toBe('quarter');
  await pick(queryEditor.interval.label, 'Whole range');
  expect(lastQuery(calls)).toEqual({ refId: 'A', queryType: 'summary' });
  await userEvent.click(screen.getByRole('radio', { name: queryEditor.format.timeseries }));
  expect(lastQuery(calls)).toEqual({ refId: 'A', queryType: 'summary', format: 'timeseries' });
  expect(screen.getByRole('combobox', { name: queryEditor.interval.label })).toHaveValue('Auto');
});

describe('what is advanced', () => {
  it('is folded, and unfolded where it is in use', () => {
    draw({ queryType: 'completeness' });
    expect(screen.queryByRole('switch', { name: queryEditor.bypassCache.label })).toBeNull();
    draw({ queryType: 'completeness', bypassCache: true });
    expect(screen.getByRole('switch', { name: queryEditor.bypassCache.label })).toBeChecked();
  });

  it('takes readAgain for the older name of bypassCache, and stores the newer one', async () => {
    const calls = draw({ queryType: 'completeness', readAgain: true });
    const bypass = screen.getByRole('switch', { name: queryEditor.bypassCache.label });
    expect(bypass).toBeChecked();
    await userEvent.click(bypass);
    expect(lastQuery(calls)).toEqual({ refId: 'A', queryType: 'completeness' });
    await userEvent.click(screen.getByRole('switch', { name: queryEditor.bypassCache.label }));
    expect(lastQuery(calls)).toEqual({ refId: 'A', queryType: 'completeness', bypassCache: true });
  });

  it('takes the keys to show, and the periods before the range, where these mean something', async () => {
    const calls = draw({ queryType: 'breakdown', groupBy: 'user', interval: 'month', keys: ['$user'] });
    const keys = screen.getByRole('textbox', { name: queryEditor.keys.label });
    expect(keys).toHaveValue('$user');
    await userEvent.clear(keys);
    await userEvent.type(keys, 'ann|bob{Enter}');
    await userEvent.type(screen.getByRole('spinbutton', { name: queryEditor.periodsBefore.label }), '1{Enter}');
    expect(lastQuery(calls)).toMatchObject({ keys: ['ann', 'bob'], periodsBefore: 1 });
    await userEvent.clear(keys);
    await userEvent.type(keys, '{Enter}');
    expect(lastQuery(calls)).not.toHaveProperty('keys');
  });

  it('has no field for keys in a report without any, and none for periods where there are none', async () => {
    draw({ queryType: 'summary', minimumCoveragePercent: 5 });
    await screen.findByRole('spinbutton', { name: queryEditor.minimumCoveragePercent.label });
    expect(screen.queryByRole('textbox', { name: queryEditor.keys.label })).toBeNull();
    expect(screen.queryByRole('spinbutton', { name: queryEditor.periodsBefore.label })).toBeNull();
  });

  it('takes a coverage when it is finished, not at every key', async () => {
    const calls = draw({ queryType: 'completeness' });
    await userEvent.click(screen.getByRole('button', { name: queryEditor.advanced.label }));
    const coverage = screen.getByRole('spinbutton', { name: queryEditor.minimumCoveragePercent.label });
    await userEvent.type(coverage, '95');
    expect(calls.onChange).not.toHaveBeenCalled();
    await userEvent.tab();
    expect(lastQuery(calls)).toEqual({ refId: 'A', queryType: 'completeness', minimumCoveragePercent: 95 });
    await userEvent.clear(coverage);
    await userEvent.type(coverage, '{Enter}');
    expect(lastQuery(calls)).toEqual({ refId: 'A', queryType: 'completeness' });
    expect(calls.onRunQuery).toHaveBeenCalledTimes(2);
  });
});

it.each(Object.keys(questions) as Array<OscarQuery['queryType']>)(
  'has a name for every control of %s',
  async (queryType) => {
    draw({ queryType, groupBy: 'service', services: ['plant'], readAgain: true });
    expect(await axeProblems(document.body)).toEqual([]);
  }
);
