import { type DataFrame } from '@grafana/data';

export type Row = Record<string, string | number | null>;

/** The rows of a frame, by column name. */
export function rowsOf(frame: DataFrame): Row[] {
  return Array.from({ length: frame.length }, (_, index) =>
    Object.fromEntries(frame.fields.map(({ name, values }) => [name, values[index] as string | number | null]))
  );
}
