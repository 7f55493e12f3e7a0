import { CollapsableSection, InlineFieldRow, Input } from '@grafana/ui';
import React from 'react';

import { LabelledField } from '../LabelledField';
import { selectors } from '../selectors';
import { SwitchField } from '../SwitchField';
import { useDraft } from '../useDraft';
import { type FieldProps } from './editorProps';
import { fieldsOf } from './fields';

/** Collapsed unless one of its settings is in use: a setting that changes figures should be visible. */
export function AdvancedFields(props: FieldProps) {
  const { query, onCommit } = props;
  const bypassesCache = query.bypassCache === true || query.readAgain === true;
  const { keys, periodsBefore, minimumCoveragePercent } = query;
  const isSet = bypassesCache || [keys, periodsBefore, minimumCoveragePercent].some((value) => value !== undefined);
  const fields = fieldsOf(query);
  return (
    <CollapsableSection label={selectors.queryEditor.advanced.label} isOpen={isSet}>
      <InlineFieldRow>
        <SwitchField
          label={selectors.queryEditor.bypassCache.label}
          tooltip="Read everything from Prometheus and Loki again on every run, including settled data that is already cached. Slow: turn it off when you are done"
          value={bypassesCache}
          onChange={(bypassCache) => onCommit({ bypassCache: bypassCache || undefined, readAgain: undefined })}
        />
        <CoverageField {...props} />
        {fields.includes('keys') && <KeysField {...props} />}
        {fields.includes('periodsBefore') && <PeriodsBeforeField {...props} />}
      </InlineFieldRow>
    </CollapsableSection>
  );
}

function CoverageField({ query, onCommit }: FieldProps) {
  const stored = query.minimumCoveragePercent;
  const draft = useDraft(stored === undefined ? '' : String(stored), (text) =>
    onCommit({ minimumCoveragePercent: text.trim() === '' ? undefined : Number(text) })
  );
  return (
    <LabelledField
      label={selectors.queryEditor.minimumCoveragePercent.label}
      tooltip="Leave a value empty if its source covers less than this share of the range; 0 shows all values, with warnings. Empty: use the data source's setting"
    >
      {({ id }) => (
        <Input
          id={id}
          type="number"
          min={0}
          max={100}
          step="any"
          width={30}
          suffix="%"
          placeholder="Data source setting"
          {...draft}
        />
      )}
    </LabelledField>
  );
}

/** Separates keys in the field, as users in a cell. */
const separator = '|';

function KeysField({ query, onCommit }: FieldProps) {
  const draft = useDraft((query.keys ?? []).join(separator), (text) => {
    const keys = text.split(separator).filter((key) => key !== '');
    onCommit({ keys: keys.length > 0 ? keys : undefined });
  });
  return (
    <LabelledField
      label={selectors.queryEditor.keys.label}
      tooltip={`Show only the rows or series of these users, countries or services, separated by ${separator}; the figures do not change. Template variables are filled in. Cannot be combined with a limit. Empty: all`}
    >
      {({ id }) => <Input id={id} width={30} placeholder="All" {...draft} />}
    </LabelledField>
  );
}

function PeriodsBeforeField({ query, onCommit }: FieldProps) {
  const { periodsBefore, interval } = query;
  const draft = useDraft(periodsBefore === undefined ? '' : String(periodsBefore), (text) =>
    onCommit({ periodsBefore: text.trim() === '' ? undefined : Number(text) })
  );
  return (
    <LabelledField
      label={selectors.queryEditor.periodsBefore.label}
      tooltip={`Begin this many whole periods (${interval}) before the range, for comparison. Empty: begin with the range`}
    >
      {({ id }) => <Input id={id} type="number" min={1} max={24} width={20} placeholder="0" {...draft} />}
    </LabelledField>
  );
}
