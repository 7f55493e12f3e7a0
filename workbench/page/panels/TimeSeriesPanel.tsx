import { type DataFrame, formattedValueToString, getFieldDisplayName, type PanelProps } from '@grafana/data';
import { LegendDisplayMode, type VizLegendOptions } from '@grafana/schema';
import { TimeSeries, TooltipPlugin2, type UPlotConfigBuilder, useTheme2 } from '@grafana/ui';
import React, { useLayoutEffect, useRef } from 'react';
import type uPlot from 'uplot';

/** Grafana's time series with tooltip and with the annotated spans shaded. */
export function TimeSeriesPanel(props: PanelProps<{ legend?: VizLegendOptions }>) {
  const { data, options, timeZone, onChangeTimeRange } = props;
  if (data.series.every(({ length }) => length === 0)) {
    return <p>No data</p>;
  }
  const hidden = { showLegend: false, displayMode: LegendDisplayMode.Hidden, placement: 'bottom', calcs: [] } as const;
  const legend = options.legend ?? { ...hidden, calcs: [] };
  return (
    <TimeSeries {...props} frames={data.series} structureRev={data.structureRev} legend={legend}>
      {(config, aligned) => (
        <>
          <Spans config={config} frames={data.annotations ?? []} />
          <TooltipPlugin2
            config={config}
            // All series of the time under the pointer (a const enum of @grafana/ui, which a bundler can't read).
            hoverMode={1}
            queryZoom={onChangeTimeRange}
            render={(_plot, indices) => <Tooltip aligned={aligned} indices={indices} timeZone={timeZone} />}
          />
        </>
      )}
    </TimeSeries>
  );
}

function Tooltip({ aligned, indices }: { aligned: DataFrame; indices: Array<number | null>; timeZone: string }) {
  const [time, ...series] = aligned.fields;
  const at = indices.find((index) => index !== null) ?? 0;
  const format = (field: DataFrame['fields'][number]) =>
    field.display ? formattedValueToString(field.display(field.values[at])) : String(field.values[at]);
  return (
    <div style={{ padding: 8 }}>
      <div>{time && format(time)}</div>
      {series.map((field) => (
        <div key={getFieldDisplayName(field, aligned)}>
          {getFieldDisplayName(field, aligned)}: {format(field)}
        </div>
      ))}
    </div>
  );
}

/** Shades the spans of annotation frames behind the figures. */
function Spans({ config, frames }: { config: UPlotConfigBuilder; frames: DataFrame[] }) {
  const theme = useTheme2();
  const latest = useRef(frames);
  const plot = useRef<uPlot>();
  useLayoutEffect(() => {
    config.addHook('init', (created) => {
      plot.current = created;
    });
    config.addHook('draw', (u) => {
      for (const frame of latest.current) {
        const column = (name: string) => frame.fields.find((field) => field.name === name)?.values ?? [];
        const [from, to, color] = [column('time'), column('timeEnd'), column('color')];
        u.ctx.save();
        for (let row = 0; row < frame.length; row++) {
          const left = Math.max(u.valToPos(from[row], 'x', true), u.bbox.left);
          const right = Math.min(u.valToPos(to[row] ?? from[row], 'x', true), u.bbox.left + u.bbox.width);
          u.ctx.globalAlpha = 0.1;
          u.ctx.fillStyle = theme.visualization.getColorByName(color[row] ?? 'orange');
          u.ctx.fillRect(left, u.bbox.top, Math.max(1, right - left), u.bbox.height);
        }
        u.ctx.restore();
      }
    });
  }, [config, theme]);
  useLayoutEffect(() => {
    latest.current = frames;
    plot.current?.redraw();
  }, [frames]);
  return null;
}
