import { createDataFrame, type DataFrame, type FieldConfig, FieldType } from '@grafana/data';

import { type Table, type TableColumn } from '../../core/reports/table';
import { type FrameMeta, metaOf } from './frameMeta';

/** Decimals on screen. No unit: it is in the column's name, so that an exported CSV holds plain numbers. */
const decimals: Readonly<Record<TableColumn['type'], number | undefined>> = {
  text: undefined,
  count: 0,
  hours: 2,
  percent: 1,
  // Counts and hours in one column: without a number of decimals, large hours would be shown as whole numbers.
  number: 2,
  flag: undefined,
};

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
  const places = decimals[type];
  return places === undefined ? {} : { decimals: places };
}
