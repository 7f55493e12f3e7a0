import { type DataTransformerConfig, type FieldConfigSource } from '@grafana/data';
import {
  behaviors,
  CustomVariable,
  dataLayers,
  DataSourceVariable,
  EmbeddedScene,
  QueryVariable,
  SceneControlsSpacer,
  SceneDataLayerSet,
  type SceneDataLayerProvider,
  SceneDataTransformer,
  SceneGridItem,
  SceneGridLayout,
  SceneGridRow,
  SceneQueryRunner,
  SceneRefreshPicker,
  SceneTimePicker,
  SceneTimeRange,
  type SceneVariable,
  SceneVariableSet,
  VariableValueSelectors,
  VizPanel,
} from '@grafana/scenes';
import { type AnnotationQuery, type DataQuery, type DataSourceRef } from '@grafana/schema';

import { DashboardLinks, type LinkModel } from './DashboardLinks';
import { panelMenu } from './panelMenu';
import { PanelNotices } from './PanelNotices';

interface PanelModel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: DataQuery[];
  datasource?: DataSourceRef;
  maxDataPoints?: number;
  interval?: string;
  transformations?: DataTransformerConfig[];
  options?: object;
  fieldConfig?: FieldConfigSource;
  transparent?: boolean;
  collapsed?: boolean;
  panels?: PanelModel[];
}

interface VariableModel {
  name: string;
  label?: string;
  type: string;
  query: string | DataQuery;
  datasource?: DataSourceRef;
  multi?: boolean;
  includeAll?: boolean;
  allValue?: string;
  regex?: string;
  refresh?: number;
  sort?: number;
  hide?: number;
  current?: { text: string; value: string };
}

/** The part of a dashboard's JSON that the page draws. */
export interface DashboardModel {
  title: string;
  time?: { from: string; to: string };
  timezone?: string;
  graphTooltip?: number;
  links?: LinkModel[];
  /** True to load panels that are not in view, too. */
  preload?: boolean;
  panels: PanelModel[];
  templating?: { list: VariableModel[] };
  annotations?: { list: Array<AnnotationQuery & { builtIn?: number }> };
}

/**
 * A scene that draws the dashboard as Grafana's own does: same layout, queries, transformations, variables, annotations, links. The
 * parameters of the page's address give the range and the values of variables, where they are there.
 */
export function sceneOf(model: DashboardModel, parameters: URLSearchParams): EmbeddedScene {
  return new EmbeddedScene({
    $timeRange: timeRangeOf(model, parameters),
    $variables: new SceneVariableSet({ variables: variablesOf(model, parameters) }),
    $data: new SceneDataLayerSet({ layers: layersOf(model) }),
    // The controller knows what is under way: without it the refresh button could not cancel.
    $behaviors: [new behaviors.SceneQueryController(), new behaviors.CursorSync({ sync: model.graphTooltip ?? 0 })],
    controls: [
      new VariableValueSelectors({}),
      new SceneControlsSpacer(),
      new DashboardLinks({ links: model.links ?? [] }),
      new SceneTimePicker({ isOnCanvas: true }),
      new SceneRefreshPicker({ isOnCanvas: true, withText: true }),
    ],
    body: new SceneGridLayout({ isLazy: !model.preload, children: model.panels.map(childOf) }),
  });
}

function timeRangeOf({ time, timezone }: DashboardModel, parameters: URLSearchParams): SceneTimeRange {
  const { from, to } = { from: 'now-24h', to: 'now', ...time, ...Object.fromEntries(parameters) };
  return new SceneTimeRange({ from, to, timeZone: timezone || 'utc' });
}

function variablesOf({ templating }: DashboardModel, parameters: URLSearchParams): SceneVariable[] {
  return (templating?.list ?? []).map((model) => {
    const variable = variableOf(model);
    const key = `var-${model.name}`;
    if (parameters.has(key)) {
      variable.urlSync?.updateFromUrl({ [key]: parameters.get(key) });
    }
    return variable;
  });
}

function layersOf({ annotations }: DashboardModel): SceneDataLayerProvider[] {
  return (annotations?.list ?? [])
    .filter(({ builtIn }) => !builtIn)
    .map(
      (query) =>
        new dataLayers.AnnotationsDataLayer({ name: query.name, query, isEnabled: query.enable, isHidden: query.hide })
    );
}

function variableOf({ type, query, multi: isMulti, ...model }: VariableModel): SceneVariable {
  if (type === 'datasource') {
    return new DataSourceVariable({ ...model, pluginId: String(query) });
  }
  if (type === 'custom') {
    const { text = '', value = '' } = model.current ?? {};
    return new CustomVariable({ ...model, query: String(query), isMulti, text, value });
  }
  if (type !== 'query') {
    throw new Error(`The page has no variables of the type "${type}"`);
  }
  const all = model.includeAll ? { value: ['$__all'], text: ['All'] } : {};
  return new QueryVariable({ ...model, query, isMulti, ...all });
}

function childOf(model: PanelModel): SceneGridItem | SceneGridRow {
  const { x, y, w: width, h: height } = model.gridPos;
  const key = `panel-${model.id}`;
  if (model.type === 'row') {
    const children = (model.panels ?? []).map(childOf) as SceneGridItem[];
    return new SceneGridRow({ key, title: model.title, isCollapsed: model.collapsed, y, children });
  }
  return new SceneGridItem({ x, y, width, height, body: panelOf(model, key) });
}

function panelOf(model: PanelModel, key: string): VizPanel {
  const { title, description, options = {}, fieldConfig = { defaults: {}, overrides: [] }, transparent } = model;
  const runner =
    model.targets &&
    new SceneQueryRunner({
      queries: model.targets,
      datasource: model.datasource,
      maxDataPoints: model.maxDataPoints,
      minInterval: model.interval,
      dataLayerFilter: { panelId: model.id },
    });
  return new VizPanel({
    key,
    title,
    description,
    pluginId: model.type,
    options,
    fieldConfig,
    displayMode: transparent ? 'transparent' : 'default',
    menu: runner && panelMenu(),
    titleItems: runner && new PanelNotices({}),
    $data: runner && new SceneDataTransformer({ $data: runner, transformations: model.transformations ?? [] }),
  });
}
