import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';

import { queryTypes } from '../../../core/query';
import { queryProblem } from '../../../core/reports/validate';
import { axeProblems } from '../../../testing/axe';
import { selectors } from '../selectors';
import { examples } from './examples';
import QueryHelp from './QueryHelp';

it('has a valid example for every query type', () => {
  expect(examples.map(({ query }) => queryProblem(query))).toEqual(examples.map(() => undefined));
  expect([...new Set(examples.map(({ query }) => query.queryType))].sort()).toEqual([...queryTypes].sort());
});

it('hands an example over with the refId of the query', async () => {
  const onClickExample = jest.fn();
  const { container } = render(
    <QueryHelp
      datasource={null as never}
      query={{ refId: 'C', queryType: 'summary' }}
      onClickExample={onClickExample}
    />
  );
  const title = 'Members and external users';
  await userEvent.click(screen.getByRole('button', { name: selectors.help.example(title) }));
  expect(onClickExample.mock.calls).toEqual([[{ refId: 'C', queryType: 'membership' }]]);
  expect(await axeProblems(container)).toEqual([]);
});
