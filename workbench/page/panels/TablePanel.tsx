import { type PanelProps } from '@grafana/data';
import { Table } from '@grafana/ui';
import React from 'react';

/**
 * The first frame as a table. Grafana's newest table needs a build of react-data-grid that is not published; this is the
 * one before it, with the same field options.
 */
export function TablePanel({ data, options, fieldConfig, width, height, title }: PanelProps<{ showHeader?: boolean }>) {
  const [frame] = data.series;
  const noHeader = options.showHeader === false;
  const rest = { width, height, noHeader, fieldConfig, timeRange: data.timeRange, enableSharedCrosshair: false };
  return frame ? <Table {...rest} ariaLabel={title} data={frame} /> : <p>No data</p>;
}
