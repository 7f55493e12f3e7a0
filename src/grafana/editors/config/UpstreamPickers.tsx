import { DataSourcePicker } from '@grafana/runtime';
import React from 'react';

import { isLokiType, isPrometheusType } from '../../connections';
import { selectors } from '../selectors';
import { type OptionsProps } from './configProps';
import { OptionField } from './OptionField';

const { prometheus, loki } = selectors.configEditor;

/** The two existing data sources that are asked; nothing else is needed. */
export function UpstreamPickers(props: OptionsProps) {
  return (
    <>
      <UpstreamPicker
        {...props}
        {...prometheus}
        option="prometheusUid"
        description="Source of CPU and GPU hours and of the deployed services. Mimir, Thanos, VictoriaMetrics and the managed services of Amazon and Azure work too"
        fits={isPrometheusType}
      />
      <UpstreamPicker
        {...props}
        {...loki}
        option="lokiUid"
        description="Source of the requests: the logs of the OSCAR manager and of the ingress controller"
        fits={isLokiType}
      />
    </>
  );
}

interface PickerProps extends OptionsProps {
  option: 'prometheusUid' | 'lokiUid';
  label: string;
  inputId: string;
  description: string;
  fits: (type: string) => boolean;
}

function UpstreamPicker({ option, label, inputId, description, fits, options, disabled, onSet }: PickerProps) {
  const uid = options[option];
  return (
    <OptionField label={label} description={description} inputId={inputId} disabled={disabled}>
      {() => (
        <DataSourcePicker
          inputId={inputId}
          current={uid ?? null}
          noDefault
          placeholder={`Choose a ${label} data source`}
          width={60}
          filter={({ type }) => fits(type)}
          onChange={(chosen) => onSet(option, chosen.uid)}
          onClear={() => onSet(option, undefined)}
        />
      )}
    </OptionField>
  );
}
