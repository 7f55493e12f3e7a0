import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';

import { axeProblems } from '../../testing/axe';
import { giveLayout } from '../../testing/layout';
import AnnotationEditor from './AnnotationEditor';
import { selectors } from './selectors';

beforeAll(giveLayout);

it('picks the sources of an annotation', async () => {
  const onAnnotationChange = jest.fn();
  const annotation = { name: 'Gaps', enable: true, iconColor: 'red' };
  const { container } = render(
    <AnnotationEditor
      query={{ refId: 'Anno', queryType: 'completeness' }}
      annotation={annotation}
      onAnnotationChange={onAnnotationChange}
      onChange={jest.fn()}
      onRunQuery={jest.fn()}
    />
  );
  await userEvent.click(screen.getByRole('combobox', { name: selectors.annotationEditor.sources.label }));
  await userEvent.click(await screen.findByRole('option', { name: 'CPU hours' }));
  expect(onAnnotationChange.mock.calls).toEqual([
    [{ ...annotation, target: { refId: 'Anno', queryType: 'completeness', sources: ['usage-cpu'] } }],
  ]);
  await userEvent.tab();
  expect(await axeProblems(container)).toEqual([]);
});

it('changes the query where Grafana hands no annotation', async () => {
  const onChange = jest.fn();
  const query = { refId: 'Anno', queryType: 'completeness' as const, sources: ['usage-cpu' as const] };
  render(<AnnotationEditor query={query} onChange={onChange} onRunQuery={jest.fn()} />);
  await userEvent.click(screen.getByRole('button', { name: /remove/i }));
  expect(onChange.mock.calls).toEqual([[{ refId: 'Anno', queryType: 'completeness', sources: undefined }]]);
});
