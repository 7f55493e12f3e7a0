import { type DataSourcePluginOptionsEditorProps } from '@grafana/data';
import { Alert, CollapsableSection } from '@grafana/ui';
import React, { type ComponentType } from 'react';

import { settingsFrom } from '../../../core/settings';
import { type OscarOptions } from '../../types';
import { selectors } from '../selectors';
import { type OptionsProps } from './configProps';
import { KnownGaps } from './KnownGaps';
import { LimitOptions } from './LimitOptions';
import { MembershipOptions } from './MembershipOptions';
import { withOption } from './options';
import { PrivacyOptions } from './PrivacyOptions';
import { RecordOptions } from './RecordOptions';
import { RequestOptions } from './RequestOptions';
import { UpstreamPickers } from './UpstreamPickers';
import { UsageOptions } from './UsageOptions';

const { sections, problem: problemSelector, testId } = selectors.configEditor;

const foldedSections: ReadonlyArray<readonly [title: string, Section: ComponentType<OptionsProps>]> = [
  [sections.requests, RequestOptions],
  [sections.usage, UsageOptions],
  [sections.membership, MembershipOptions],
  [sections.privacy, PrivacyOptions],
  [sections.records, RecordOptions],
  [sections.knownGaps, KnownGaps],
  [sections.limits, LimitOptions],
];

/** The two upstreams; all the rest has defaults and is folded. */
export default function ConfigEditor({ options, onOptionsChange }: DataSourcePluginOptionsEditorProps<OscarOptions>) {
  const jsonData = options.jsonData ?? {};
  const { problem } = settingsFrom(jsonData);
  const props: OptionsProps = {
    options: jsonData,
    disabled: options.readOnly === true,
    onSet: (key, value) => onOptionsChange({ ...options, jsonData: withOption(jsonData, key, value) }),
  };
  return (
    <div data-testid={testId}>
      <UpstreamPickers {...props} />
      {foldedSections.map(([title, Section]) => (
        <CollapsableSection key={title} label={title} isOpen={false}>
          <Section {...props} />
        </CollapsableSection>
      ))}
      {problem && <Alert title={problem} severity="error" data-testid={problemSelector.testId} />}
    </div>
  );
}
