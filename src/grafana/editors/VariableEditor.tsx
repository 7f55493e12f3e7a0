import { type QueryEditorProps } from '@grafana/data';
import { Combobox, type ComboboxOption, Input, MultiCombobox, Stack } from '@grafana/ui';
import { upperFirst } from 'lodash';
import React from 'react';

import { sourceTitles } from '../../core/domain/sources';
import { aheadSources } from '../../core/sources/ahead';
import { type OscarOptions, type OscarQuery } from '../types';
import { type OscarVariableQuery, type ValueListName, variableQueryOf } from '../variables/valueLists';
import { LabelledField } from './LabelledField';
import { type DataSource } from './query/editorProps';
import { selectors } from './selectors';
import { useDraft } from './useDraft';

type Props = QueryEditorProps<DataSource, OscarQuery, OscarOptions, OscarVariableQuery>;

const lists: Array<ComboboxOption<ValueListName>> = [
  { value: 'services', label: 'Services', description: 'Services with a request or CPU time in the range' },
  {
    value: 'called-services',
    label: 'Called services',
    description: 'Only services with a request in the range; faster',
  },
  { value: 'users', label: 'Users', description: 'User ids, as logged' },
  { value: 'countries', label: 'Countries', description: 'Shows country names; the value is the two-letter code' },
];

const sources = aheadSources.map((value) => ({ value, label: upperFirst(sourceTitles[value]) }));

/** What a template variable lists. */
export default function VariableEditor({ query: stored, onChange, onRunQuery }: Props) {
  const query: OscarVariableQuery = { refId: stored?.refId ?? 'variable', ...readable(stored) };
  const commit = (changes: Partial<OscarVariableQuery>) => {
    onChange({ ...query, ...changes });
    onRunQuery?.();
  };
  const draft = useDraft(query.filter ?? '', (filter) => commit({ filter: filter.trim() || undefined }));
  return (
    <div data-testid={selectors.variableEditor.testId}>
      <Stack direction="column" gap={0}>
        <LabelledField label={selectors.variableEditor.list.label}>
          {({ id, labelId }) => (
            <Combobox
              id={id}
              aria-labelledby={labelId}
              options={lists}
              value={query.list}
              width={40}
              onChange={({ value }) => commit({ list: value })}
            />
          )}
        </LabelledField>
        <LabelledField
          label={selectors.variableEditor.filter.label}
          tooltip="List only the values that contain this text"
        >
          {({ id }) => <Input id={id} width={40} placeholder="All values" {...draft} />}
        </LabelledField>
        <LabelledField
          label={selectors.variableEditor.ahead.label}
          tooltip="Panels wait for this list. Choose what they show, so that it is read in the meantime; nothing else is read"
        >
          {({ id, labelId }) => (
            <MultiCombobox
              id={id}
              aria-labelledby={labelId}
              placeholder="Nothing"
              options={sources}
              value={query.ahead ?? []}
              isClearable
              width={40}
              onChange={(chosen) => commit({ ahead: chosen.length > 0 ? chosen.map(({ value }) => value) : undefined })}
            />
          )}
        </LabelledField>
      </Stack>
    </div>
  );
}

function readable(stored: unknown): Omit<OscarVariableQuery, 'refId'> {
  try {
    return variableQueryOf(stored);
  } catch {
    return { list: 'services' };
  }
}
