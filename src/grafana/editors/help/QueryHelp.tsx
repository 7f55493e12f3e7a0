import { type QueryEditorHelpProps } from '@grafana/data';
import { Button, Stack, Text } from '@grafana/ui';
import React from 'react';

import { type OscarQuery } from '../../types';
import { queryText } from '../queryText';
import { selectors } from '../selectors';
import { examples } from './examples';

/** What can be asked, with examples that one click takes over, and what the figures mean. */
export default function QueryHelp({ query, onClickExample }: QueryEditorHelpProps<OscarQuery>) {
  const refId = query?.refId ?? 'A';
  return (
    <div data-testid={selectors.help.testId}>
      <Stack direction="column" gap={2}>
        <Text element="h2" variant="h4">
          Examples
        </Text>
        {examples.map((example) => (
          <Stack key={example.title} direction="column" gap={0.5} alignItems="flex-start">
            <Text element="h3" variant="h5">
              {example.title}
            </Text>
            <Text element="p" color="secondary">
              {example.explanation}
            </Text>
            <Button
              variant="secondary"
              size="sm"
              aria-label={selectors.help.example(example.title)}
              onClick={() => onClickExample({ ...example.query, refId })}
            >
              {queryText({ ...example.query, refId })}
            </Button>
          </Stack>
        ))}
        <Definitions />
      </Stack>
    </div>
  );
}

function Definitions() {
  return (
    <>
      <Text element="h2" variant="h4">
        What the figures mean
      </Text>
      <ul style={{ paddingInlineStart: '1.5em' }}>
        <li>
          A request is one POST to /job/ (asynchronous) or /run/ (synchronous), including failed ones. Rejected
          requests, which nobody processed, are counted separately, unless the data source is set to include them.
        </li>
        <li>Total requests are synchronous plus asynchronous ones. Exposed requests are never included.</li>
        <li>Both ends of a range are inclusive. Periods follow the time zone of the dashboard.</li>
        <li>Users are the distinct ids that were logged. Do not add them up across rows or periods.</li>
        <li>
          An empty cell means that the value is unknown: its source is missing or not configured. A zero was measured.
        </li>
        <li>The column &quot;completeness&quot; shows whether a row is complete, in exported CSV files too.</li>
      </ul>
    </>
  );
}
