import { type AnnotationQuery, type QueryEditorProps } from '@grafana/data';
import { MultiCombobox } from '@grafana/ui';
import { upperFirst } from 'lodash';
import React from 'react';

import { type SourceName, sourceNames, sourceTitles } from '../../core/domain/sources';
import { type GapsQuery } from '../annotations/gapsQuery';
import { LabelledField } from './LabelledField';
import { selectors } from './selectors';

interface Props extends Pick<QueryEditorProps<never, GapsQuery>, 'query' | 'onChange' | 'onRunQuery'> {
  annotation?: AnnotationQuery<GapsQuery>;
  onAnnotationChange?: (annotation: AnnotationQuery<GapsQuery>) => void;
}

const options = sourceNames.map((value) => ({ value, label: upperFirst(sourceTitles[value]) }));

/** Which sources' gaps an annotation shades. */
export default function AnnotationEditor({ query, annotation, onChange, onAnnotationChange, onRunQuery }: Props) {
  const target = annotation?.target ?? query;
  const commit = (sources: SourceName[]) => {
    const changed: GapsQuery = {
      ...target,
      refId: target?.refId ?? 'Anno',
      queryType: 'completeness',
      sources: sources.length > 0 ? sources : undefined,
    };
    if (annotation && onAnnotationChange) {
      onAnnotationChange({ ...annotation, target: changed });
    } else {
      onChange(changed);
    }
    onRunQuery?.();
  };
  return (
    <div data-testid={selectors.annotationEditor.testId}>
      <LabelledField
        label={selectors.annotationEditor.sources.label}
        tooltip="Shade the times for which these sources have no data"
      >
        {({ id, labelId }) => (
          <MultiCombobox
            id={id}
            aria-labelledby={labelId}
            placeholder="All sources"
            options={options}
            value={target?.sources ?? []}
            isClearable
            width={60}
            onChange={(chosen) => commit(chosen.map(({ value }) => value))}
          />
        )}
      </LabelledField>
    </div>
  );
}
