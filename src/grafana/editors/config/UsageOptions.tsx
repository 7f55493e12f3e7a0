import React from 'react';

import { defaultCpuQuery, defaultInventoryQuery } from '../../../core/expr/promql';
import { defaultGpuQuery } from '../../../core/expr/promqlGpu';
import { settingsFrom } from '../../../core/settings';
import { selectors } from '../selectors';
import { type OptionsProps } from './configProps';
import { TextOption } from './TextOption';

const { servicesNamespace, cpuQuery, gpuQuery, inventoryQuery } = selectors.configEditor;
const { servicesNamespace: defaultNamespace } = settingsFrom({});

/** How CPU and GPU hours and the deployed services are read from Prometheus. */
export function UsageOptions(props: OptionsProps) {
  return (
    <>
      <TextOption
        {...props}
        option="servicesNamespace"
        label={servicesNamespace.label}
        description="Prefix of the namespaces in which services run"
        fallback={defaultNamespace}
      />
      <TextOption
        {...props}
        option="cpuQuery"
        label={cpuQuery.label}
        description="PromQL template that returns hours; {{services_namespace}} and {{range}} are filled in"
        fallback={defaultCpuQuery}
        rows={5}
      />
      <TextOption
        {...props}
        option="gpuQuery"
        label={gpuQuery.label}
        description="PromQL template that returns hours; {{services_namespace}} and {{range}} are filled in"
        fallback={defaultGpuQuery}
        rows={5}
      />
      <TextOption
        {...props}
        option="inventoryQuery"
        label={inventoryQuery.label}
        description="PromQL template that returns one series per deployed service; {{services_namespace}} is filled in"
        fallback={defaultInventoryQuery}
        rows={2}
      />
    </>
  );
}
