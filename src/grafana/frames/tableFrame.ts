import { createDataFrame, type DataFrame, type FieldConfig, FieldType } from '@grafana/data';

import { decimalsOf, type Table, type TableColumn } from '../../core/reports/table';
import { type FrameMeta, metaOf } from './frameMeta';

const fieldTypes: Readonly<Record<TableColumn['type'], FieldType>> = {
  text: FieldType.string,
  count: FieldType.number,
  hours: FieldType.number,
  percent: FieldType.number,
  number: FieldType.number,
  flag: FieldType.boolean,
};

/** One frame with the columns of a table as its fields. */
export function tableFrame({ columns, length }: Table, meta: FrameMeta): DataFrame {
  const fields = columns.map(({ name, type, values }) => ({
    name,
    type: fieldTypes[type],
    config: configOf(type),
    values,
  }));
  return { ...createDataFrame({ ...metaOf('table', meta), fields }), length };
}

function configOf(type: TableColumn['type']): FieldConfig {
  const places = decimalsOf[type];
  return places === undefined ? {} : { decimals: places };
}
