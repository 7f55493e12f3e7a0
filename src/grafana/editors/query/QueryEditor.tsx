import { Alert, Combobox, type ComboboxOption, Stack } from '@grafana/ui';
import React from 'react';

import { type QueryType, queryTypes } from '../../../core/query';
import { storedQueryProblem } from '../../../core/reports/validate';
import { type OscarQuery } from '../../types';
import { LabelledField } from '../LabelledField';
import { questions } from '../questions';
import { selectors } from '../selectors';
import { AdvancedFields } from './AdvancedFields';
import { ColumnsField } from './ColumnsField';
import { type EditorProps } from './editorProps';
import { withFields, withQueryType } from './fields';
import { TypeEditor } from './TypeEditor';

const questionOptions = (Object.keys(questions) as QueryType[]).map((value): ComboboxOption<QueryType> => ({
  value,
  label: questions[value].title,
  description: questions[value].description,
}));

/**
 * Asks a question in words and shows the fields that matter for it. Every change is a finished one: it is stored and the
 * query runs, unless the query has a problem, which stands below.
 */
export default function QueryEditor({ query, onChange, onRunQuery, datasource, range }: EditorProps) {
  const problem = query.queryType ? storedQueryProblem(query) : undefined;
  const commit = (changed: OscarQuery) => {
    onChange(changed);
    if (storedQueryProblem(changed) === undefined) {
      onRunQuery();
    }
  };
  const fieldProps = {
    query,
    range,
    datasource,
    onCommit: (changes: Partial<OscarQuery>) => commit(withFields(query, changes)),
  };
  return (
    <div data-testid={selectors.queryEditor.testId}>
      <Stack direction="column" gap={0}>
        <LabelledField label={selectors.queryEditor.question.label}>
          {({ id, labelId }) => (
            <Combobox
              id={id}
              aria-labelledby={labelId}
              options={questionOptions}
              value={queryTypes.includes(query.queryType) ? query.queryType : null}
              placeholder="Choose a question"
              width={60}
              onChange={({ value }) => commit(withQueryType(query, value))}
            />
          )}
        </LabelledField>
        <TypeEditor {...fieldProps} />
        {storedQueryProblem({ ...query, columns: undefined }) === undefined && <ColumnsField {...fieldProps} />}
        {query.queryType && <AdvancedFields {...fieldProps} />}
        {problem && (
          <Alert title={problem} severity="error" data-testid={selectors.queryEditor.problem.testId} topSpacing={1} />
        )}
      </Stack>
    </div>
  );
}
