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
export function StatPanel({
  data,
  options,
  fieldConfig,
  width,
  height,
  timeZone,
  replaceVariables,
}: PanelProps<StatOptions>) {
  const theme = useTheme2();
  const getValues = () =>
    getFieldDisplayValues({
      data: data.series,
      fieldConfig,
      reduceOptions: options.reduceOptions ?? { calcs: ['lastNotNull'] },
      replaceVariables,
      theme,
      timeZone,
    });
  return (
    <VizRepeater<FieldDisplay>
      source={data}
      getValues={getValues}
      width={width}
      height={height}
      orientation={options.orientation ?? VizOrientation.Auto}
      renderCounter={data.series.length}
      renderValue={({ value, width: itemWidth, height: itemHeight, count }) => (
        <BigValue
          value={value.display}
          count={count}
          width={itemWidth}
          height={itemHeight}
          theme={theme}
          colorMode={options.colorMode ?? BigValueColorMode.Value}
          graphMode={BigValueGraphMode.None}
          justifyMode={options.justifyMode ?? BigValueJustifyMode.Auto}
          textMode={options.textMode}
        />
      )}
    />
  );
}
