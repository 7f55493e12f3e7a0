import React from 'react';

import { selectors } from '../selectors';
import { groupings } from './choices';
import { type FieldProps } from './editorProps';
import { fieldsOf } from './fields';
import { MetricField } from './MetricField';
import { RadioField } from './RadioField';
import { ServicesField } from './ServicesField';
import { ShapeFields } from './ShapeFields';
import { UsersField } from './UsersField';

/** The editor of a query type: only the fields that matter for it. Nothing for an unknown type. */
export function TypeEditor(props: FieldProps) {
  switch (props.query.queryType) {
    case 'summary':
      return <SummaryEditor {...props} />;
    case 'metric':
      return <MetricEditor {...props} />;
    case 'breakdown':
      return <BreakdownEditor {...props} />;
    case 'country':
    case 'membership':
    case 'services':
    case 'reconciliation':
      return <ServicesEditor {...props} />;
    case 'completeness':
      return <ShapeFields {...props} />;
    default:
      return null;
  }
}

function SummaryEditor(props: FieldProps) {
  return (
    <>
      <ServicesField {...props} />
      <ShapeFields {...props} />
      {fieldsOf(props.query).includes('includeUsers') && <UsersField {...props} />}
    </>
  );
}

function MetricEditor(props: FieldProps) {
  return (
    <>
      <MetricField {...props} />
      <ServicesField {...props} />
      <ShapeFields {...props} />
    </>
  );
}

function BreakdownEditor(props: FieldProps) {
  const { query, onCommit } = props;
  return (
    <>
      <RadioField
        label={selectors.queryEditor.groupBy.label}
        options={groupings}
        value={query.groupBy}
        onChange={(groupBy) => onCommit({ groupBy })}
      />
      <ServicesField {...props} />
      <ShapeFields {...props} />
      {fieldsOf(query).includes('includeUsers') && <UsersField {...props} />}
    </>
  );
}

/** Reports that nothing but the services narrows down. */
function ServicesEditor(props: FieldProps) {
  return (
    <>
      <ServicesField {...props} />
      <ShapeFields {...props} />
    </>
  );
}
