import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';

import { axeProblems } from '../../testing/axe';
import { giveLayout } from '../../testing/layout';
import { type OscarVariableQuery } from '../variables/valueLists';
import { selectors } from './selectors';
import VariableEditor from './VariableEditor';

const { variableEditor } = selectors;

beforeAll(giveLayout);

function draw(query: unknown) {
  const onChange = jest.fn();
  const view = render(
    <VariableEditor
      datasource={null as never}
      query={query as OscarVariableQuery}
      onChange={onChange}
      onRunQuery={() => undefined}
    />
  );
  return { onChange, ...view };
}

it('chooses a list', async () => {
  const { onChange, container } = draw({ refId: 'v', list: 'services' });
  await userEvent.click(screen.getByRole('combobox', { name: variableEditor.list.label }));
  await userEvent.click(await screen.findByRole('option', { name: /^Countries/ }));
  expect(onChange.mock.lastCall[0]).toEqual({ refId: 'v', list: 'countries', filter: undefined });
  expect(await axeProblems(container)).toEqual([]);
});

it('chooses what is asked for ahead', async () => {
  const { onChange, container } = draw({ refId: 'v', list: 'services', ahead: ['usage-cpu'] });
  await userEvent.click(screen.getByRole('combobox', { name: variableEditor.ahead.label }));
  await userEvent.click(await screen.findByRole('option', { name: 'GPU hours' }));
  expect(onChange.mock.lastCall[0]).toEqual({ refId: 'v', list: 'services', ahead: ['usage-cpu', 'usage-gpu'] });
  await userEvent.tab();
  expect(await axeProblems(container)).toEqual([]);
});

it('takes a filter when it is finished', async () => {
  const { onChange } = draw({ refId: 'v', list: 'users' });
  await userEvent.type(screen.getByRole('textbox', { name: variableEditor.filter.label }), 'ada');
  expect(onChange).not.toHaveBeenCalled();
  await userEvent.tab();
  expect(onChange.mock.calls).toEqual([[{ refId: 'v', list: 'users', filter: 'ada' }]]);
});

it.each([
  ['countries', 'Countries'],
  ['', 'Services'],
  [undefined, 'Services'],
])('reads the stored query %j', (stored, shown) => {
  draw(stored);
  expect(screen.getByRole('combobox', { name: variableEditor.list.label })).toHaveValue(shown);
});
