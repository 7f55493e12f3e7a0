import { css } from '@emotion/css';
import {
  type DataFrame,
  type Field,
  FieldType,
  formattedValueToString,
  getFieldColorModeForField,
  getFieldDisplayName,
  type GrafanaTheme2,
  type PanelProps,
} from '@grafana/data';
import { useStyles2, useTheme2 } from '@grafana/ui';
import React from 'react';

/** Counts by a text, drawn as rows of stacked bars. */
export function BarsPanel({ data, options, width, height, title }: PanelProps<{ xField?: string }>) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const [frame] = data.series;
  const label = frame && labelField(frame, options.xField);
  if (!frame || !label) {
    return <p>No data</p>;
  }
  const numbers = frame.fields.filter(
    ({ type, name, config }) => type === FieldType.number && name !== 'percentage' && !config.custom?.hideFrom?.viz
  );
  const totals = Array.from({ length: frame.length }, (_, row) =>
    numbers.reduce((sum, { values }) => sum + Number(values[row] ?? 0), 0)
  );
  const largest = Math.max(1, ...totals);
  return (
    <div
      className={styles.rows}
      style={{ width, height }}
      role="img"
      tabIndex={0}
      aria-label={`${title}: ${label.values.length} bars`}
    >
      {label.values.map((key, row) => (
        <div key={String(key)} className={styles.row}>
          <span className={styles.label}>{String(key)}</span>
          <span className={styles.track}>
            {numbers.map((field) => (
              <span
                key={field.name}
                title={`${getFieldDisplayName(field, frame)}: ${shown(field, row)}`}
                style={{
                  width: `${(100 * Number(field.values[row] ?? 0)) / largest}%`,
                  background: colorOf(field, theme),
                }}
              />
            ))}
          </span>
          <span className={styles.value}>
            {numbers
              .map((field) => shown(field, row))
              .filter(Boolean)
              .join(' + ')}
          </span>
        </div>
      ))}
    </div>
  );
}

function labelField({ fields }: DataFrame, name: string | undefined): Field | undefined {
  return fields.find((field) => field.name === name) ?? fields.find(({ type }) => type === FieldType.string);
}

function shown(field: Field, row: number): string {
  const value: unknown = field.values[row];
  return field.display ? formattedValueToString(field.display(value)) : String(value);
}

function colorOf(field: Field, theme: GrafanaTheme2): string {
  return getFieldColorModeForField(field).getCalculator(field, theme)(0, 0);
}

const getStyles = (theme: GrafanaTheme2) => ({
  rows: css({ overflow: 'auto', fontSize: theme.typography.bodySmall.fontSize }),
  row: css({ display: 'flex', gap: theme.spacing(1), alignItems: 'center', height: 24 }),
  label: css({ width: '30%', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', textAlign: 'right' }),
  track: css({ flex: 1, display: 'flex', height: 14 }),
  value: css({ minWidth: '20%', whiteSpace: 'nowrap' }),
});
