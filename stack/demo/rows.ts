import { type DataFrame } from '@grafana/data';

export type Row = Record<string, string | number | null>;

/** The rows of a frame, by column name; the series of a graph, which share a name, by what labels them. */
export function rowsOf(frame: DataFrame): Row[] {
  return Array.from({ length: frame.length }, (_, index) =>
    Object.fromEntries(
      frame.fields.map(({ name, config, values }) => [config.displayNameFromDS ?? name, values[index] as Row[string]])
    )
  );
}
