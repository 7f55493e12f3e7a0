import {
  type FieldDisplay,
  getFieldDisplayValues,
  type PanelProps,
  type ReduceDataOptions,
  VizOrientation,
} from '@grafana/data';
import {
  BigValue,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueJustifyMode,
  type BigValueTextMode,
  useTheme2,
  VizRepeater,
} from '@grafana/ui';
import React from 'react';

interface StatOptions {
  reduceOptions: ReduceDataOptions;
  orientation?: VizOrientation;
  colorMode?: BigValueColorMode;
  justifyMode?: BigValueJustifyMode;
  textMode?: BigValueTextMode;
}

/** Grafana's stat panel without sparklines. */
export function StatPanel(props: PanelProps<StatOptions>) {
  const { data, options } = props;
  const theme = useTheme2();
  const { reduceOptions = { calcs: ['lastNotNull'] }, orientation = VizOrientation.Auto } = options;
  return (
    <VizRepeater<FieldDisplay>
      {...props}
      source={data}
      getValues={() => getFieldDisplayValues({ ...props, data: data.series, reduceOptions, theme })}
      orientation={orientation}
      renderCounter={data.series.length}
      renderValue={({ value, width, height, count }) => (
        <BigValue
          {...{ count, width, height, theme }}
          value={value.display}
          colorMode={options.colorMode ?? BigValueColorMode.Value}
          graphMode={BigValueGraphMode.None}
          justifyMode={options.justifyMode ?? BigValueJustifyMode.Auto}
          textMode={options.textMode}
        />
      )}
    />
  );
}
