import { CoreApp, type DataFrame, type DataSourceApi, type PanelData, type QueryEditorProps } from '@grafana/data';
import {
  behaviors,
  EmbeddedScene,
  sceneGraph,
  SceneControlsSpacer,
  SceneFlexItem,
  SceneFlexLayout,
  SceneQueryRunner,
  SceneReactObject,
  SceneRefreshPicker,
  SceneTimePicker,
  SceneTimeRange,
  VizPanel,
} from '@grafana/scenes';
import { type DataQuery } from '@grafana/schema';
import { Alert, Button, Stack, Switch } from '@grafana/ui';
import React, { useMemo, useState } from 'react';

import { downloadCsv } from './csv';
import { PanelNotices } from './PanelNotices';

interface Props {
  dataSource: DataSourceApi;
  parameters: URLSearchParams;
}

/** The query editor as a panel's editor shows it, with the live result, its notices and its completeness. */
export function QueryPage({ dataSource, parameters }: Props) {
  const scene = useMemo(() => createScene(dataSource, parameters), [dataSource, parameters]);
  return <scene.Component model={scene} />;
}

function createScene(dataSource: DataSourceApi, parameters: URLSearchParams): EmbeddedScene {
  const app = parameters.get('app') === 'explore' ? CoreApp.Explore : CoreApp.PanelEditor;
  const query: DataQuery = { ...dataSource.getDefaultQuery?.(app), refId: 'A', datasource: dataSource.getRef() };
  const runner = new SceneQueryRunner({ queries: [query], datasource: dataSource.getRef() });
  const panel = new VizPanel({
    title: 'Result',
    pluginId: 'table',
    $data: runner,
    titleItems: new PanelNotices({}),
    fieldConfig: { defaults: {}, overrides: [] },
  });
  return new EmbeddedScene({
    $behaviors: [new behaviors.SceneQueryController()],
    $timeRange: new SceneTimeRange({
      from: parameters.get('from') ?? 'now-30d',
      to: parameters.get('to') ?? 'now',
      timeZone: 'utc',
    }),
    controls: [
      new SceneControlsSpacer(),
      new SceneTimePicker({ isOnCanvas: true }),
      new SceneRefreshPicker({ isOnCanvas: true, withText: true }),
    ],
    body: new SceneFlexLayout({
      direction: 'column',
      children: [
        new SceneFlexItem({
          ySizing: 'content',
          body: new SceneReactObject({ reactNode: <Editor {...{ dataSource, runner, app }} /> }),
        }),
        new SceneFlexItem({ minHeight: 380, body: panel }),
        new SceneFlexItem({
          ySizing: 'content',
          body: new SceneReactObject({ reactNode: <Result panel={panel} runner={runner} /> }),
        }),
      ],
    }),
  });
}

function Editor({ dataSource, runner, app }: { dataSource: DataSourceApi; runner: SceneQueryRunner; app: CoreApp }) {
  const { queries, data } = runner.useState();
  const QueryEditor = dataSource.components?.QueryEditor as
    React.ComponentType<QueryEditorProps<DataSourceApi>> | undefined;
  const [query] = queries as DataQuery[];
  if (!QueryEditor || !query) {
    return <p>The plugin has no query editor.</p>;
  }
  return (
    <QueryEditor
      app={app}
      datasource={dataSource}
      query={query}
      queries={queries}
      data={data}
      range={sceneGraph.getTimeRange(runner).state.value}
      onChange={(changed) => runner.setState({ queries: [changed] })}
      onRunQuery={() => runner.runQueries()}
    />
  );
}

function Result({ runner, panel }: { runner: SceneQueryRunner; panel: VizPanel }) {
  const { data } = runner.useState();
  const [formatted, setFormatted] = useState(true);
  const frames = data?.series ?? [];
  const [frame] = frames;
  const isGraph = frame?.fields[0]?.type === 'time';
  React.useEffect(() => void panel.changePluginType(isGraph ? 'timeseries' : 'table'), [panel, isGraph]);
  const download = () => {
    const [shown] = data ? panel.applyFieldConfig(data).series : [];
    shown && downloadCsv(shown, shown.name ?? 'result', formatted);
  };
  return (
    <Stack direction="column" gap={1}>
      <Stack alignItems="center">
        <Button icon="download-alt" variant="secondary" disabled={!frame} onClick={download}>
          Download CSV
        </Button>
        <Switch id="formatted" value={formatted} onChange={() => setFormatted(!formatted)} />
        <label htmlFor="formatted">Formatted data</label>
        <span role="status" data-testid="workbench-status">
          {statusOf(data)}
        </span>
      </Stack>
      {data?.errors?.map(({ message }, index) => (
        <Alert key={index} severity="error" title={message ?? 'Unknown error'} />
      ))}
      {noticesOf(frames).map(({ severity, text }) => (
        <Alert key={text} severity={severity} title={text} />
      ))}
      <Completeness entries={frame?.meta?.custom?.completeness ?? []} />
    </Stack>
  );
}

interface Entry {
  source: string;
  status: string;
  coverage_percent: number | null;
  notes: string[];
}

/** `meta.custom.completeness` of the frame, by source. */
function Completeness({ entries }: { entries: readonly Entry[] }) {
  return (
    <table data-testid="workbench-completeness">
      <caption style={{ captionSide: 'top' }}>Completeness</caption>
      <tbody>
        {entries.map(({ source, status, coverage_percent: percent, notes }) => (
          <tr key={source}>
            <th scope="row">{source}</th>
            <td>{status}</td>
            <td style={{ whiteSpace: 'nowrap' }}>{percent === null ? '' : `${percent} %`}</td>
            <td>{notes.join('; ')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function noticesOf(frames: readonly DataFrame[]) {
  return frames.flatMap(({ meta }) => meta?.notices ?? []);
}

/** For people and for tests that wait for an answer. */
function statusOf(data: PanelData | undefined): string {
  const rows = data?.series.reduce((sum, { length }) => sum + length, 0) ?? 0;
  return `${data?.state ?? 'NotStarted'}: ${rows} rows of ${data?.series[0]?.name ?? 'nothing'}`;
}
