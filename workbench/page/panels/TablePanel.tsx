import { type PanelProps } from '@grafana/data';
import { TableNG } from '@grafana/ui/unstable';
import React from 'react';

/** The table that Grafana's own panel draws, with its first frame. */
export function TablePanel({ data, width, height, title, fieldConfig }: PanelProps) {
  const [frame] = data.series;
  if (!frame) {
    return <p>No data</p>;
  }
  return (
    <TableNG
      ariaLabel={title}
      data={frame}
      width={width}
      height={height}
      fieldConfig={fieldConfig}
      structureRev={data.structureRev}
      getActions={() => []}
    />
  );
}
