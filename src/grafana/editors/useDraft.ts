import { type KeyboardEvent, useState } from 'react';

interface Draft {
  value: string;
  onChange: (event: { currentTarget: { value: string } }) => void;
  onBlur: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

/**
 * Props for a text control that reports its value only when it is finished: on leaving it, or on Enter where the text has
 * one line. What is typed meanwhile stays a draft, so that no query runs and no half a value is stored for every key.
 */
export function useDraft(value: string, onCommit: (value: string) => void, multiline = false): Draft {
  const [{ base, draft }, setState] = useState({ base: value, draft: value });
  if (base !== value) {
    // The value was changed from outside; React draws again at once.
    setState({ base: value, draft: value });
  }
  const commit = () => {
    if (draft !== value) {
      onCommit(draft);
    }
  };
  return {
    value: draft,
    onChange: ({ currentTarget }) => setState({ base: value, draft: currentTarget.value }),
    onBlur: commit,
    onKeyDown: ({ key }) => {
      if (key === 'Enter' && !multiline) {
        commit();
      }
    },
  };
}
