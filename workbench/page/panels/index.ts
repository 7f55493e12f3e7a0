import { PanelPlugin, type PanelPluginMeta, type PanelProps } from '@grafana/data';
import { type ComponentType } from 'react';

import { BarsPanel } from './BarsPanel';
import { StatPanel } from './StatPanel';
import { TablePanel } from './TablePanel';
import { TextPanel } from './TextPanel';
import { TimeSeriesPanel } from './TimeSeriesPanel';

/** Properties that Grafana's own panels give their fields; drawn here, without editors. */
const customProperties = (
  'drawStyle barAlignment barWidthFactor barMaxWidth fillOpacity fillBelowTo lineWidth lineStyle lineInterpolation ' +
  'pointSize showPoints spanNulls insertNulls gradientMode stacking scaleDistribution thresholdsStyle hideFrom ' +
  'axisPlacement axisLabel axisColorMode axisCenteredZero axisBorderShow axisWidth axisSoftMin ' +
  'align cellOptions inspect filterable width minWidth hidden wrapText'
).split(' ');

const NoEditor = () => null;

function panelPlugin(id: string, panel: ComponentType<PanelProps>): PanelPlugin {
  const plugin = new PanelPlugin(panel);
  const meta = { id, name: id, type: 'panel', info: { version: '' }, module: '', baseUrl: '', sort: 0 };
  plugin.meta = meta as unknown as PanelPluginMeta;
  plugin.setDataSupport({ annotations: true, alertStates: false });
  plugin.useFieldConfig({
    useCustomConfig: (builder) =>
      customProperties.forEach((path) =>
        builder.addCustomEditor({
          id: path,
          path,
          name: path,
          editor: NoEditor,
          override: NoEditor,
          process: (value: unknown) => value,
          shouldApply: () => true,
          settings: {},
        })
      ),
  });
  return plugin;
}

const plugins: Record<string, PanelPlugin> = {
  stat: panelPlugin('stat', StatPanel),
  table: panelPlugin('table', TablePanel),
  timeseries: panelPlugin('timeseries', TimeSeriesPanel),
  barchart: panelPlugin('barchart', BarsPanel),
  bargauge: panelPlugin('bargauge', BarsPanel),
  // The tiles and the places of Grafana's map are not in its packages: the figures are drawn as bars.
  geomap: panelPlugin('geomap', BarsPanel),
  text: panelPlugin('text', TextPanel),
};

/** The panel of this type; those that the page does not have say so in their place. */
export function panelPlugins(id: string): PanelPlugin {
  return (plugins[id] ??= panelPlugin(id, TextPanel));
}
