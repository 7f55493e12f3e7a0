import { fireEvent, render, screen } from '@testing-library/react';
import React from 'react';

import { useDraft } from './useDraft';

function Field({
  value,
  onCommit,
  multiline,
}: {
  value: string;
  onCommit: (text: string) => void;
  multiline?: boolean;
}) {
  return <textarea aria-label="field" {...useDraft(value, onCommit, multiline)} />;
}

const field = () => screen.getByRole('textbox', { name: 'field' });
const type = (value: string) => fireEvent.change(field(), { target: { value } });

it('reports a text once, on leaving it, and nothing when it did not change', () => {
  const onCommit = jest.fn();
  render(<Field value="a" onCommit={onCommit} />);
  fireEvent.blur(field());
  type('ab');
  expect(onCommit).not.toHaveBeenCalled();
  fireEvent.blur(field());
  expect(onCommit.mock.calls).toEqual([['ab']]);
});

it('takes Enter for the end of a single line only', () => {
  const onCommit = jest.fn();
  const { rerender } = render(<Field value="" onCommit={onCommit} multiline />);
  type('a');
  fireEvent.keyDown(field(), { key: 'Enter' });
  expect(onCommit).not.toHaveBeenCalled();
  rerender(<Field value="" onCommit={onCommit} />);
  fireEvent.keyDown(field(), { key: 'Enter' });
  expect(onCommit.mock.calls).toEqual([['a']]);
});

it('follows a value that is changed from outside, in place of the draft', () => {
  const { rerender } = render(<Field value="a" onCommit={jest.fn()} />);
  type('draft');
  rerender(<Field value="b" onCommit={jest.fn()} />);
  expect(field()).toHaveValue('b');
});
