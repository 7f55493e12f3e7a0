import { limitOf } from '../../src/core/reports/queryLimit';
import { reports } from '../../src/core/reports/registry';
import { selectionOf } from '../../src/core/reports/selection';
import { aheadSources } from '../../src/core/sources/ahead';
import { type OscarQuery } from '../../src/grafana/types';
import { variableQueryOf } from '../../src/grafana/variables/valueLists';
import { type Panel } from './model';
import { overview } from './overview';

interface Variable {
  name: string;
  query?: unknown;
  options?: ReadonlyArray<{ value: string }>;
}

const openPanels = overview.panels as Panel[];
const dataPanels = openPanels.flatMap((panel) => [panel, ...(panel.panels ?? [])]).filter(({ type }) => type !== 'row');
const variables = overview.templating.list as readonly Variable[];
const targetsOf = ({ targets = [] }: Panel) => targets as unknown as OscarQuery[];

it('shows the last 30 days and does not refresh by itself', () => {
  expect(overview.time).toEqual({ from: 'now-30d', to: 'now' });
  expect(overview.refresh).toBe('');
});

it('asks every query type', () => {
  const asked = new Set(dataPanels.flatMap((panel) => targetsOf(panel).map(({ queryType }) => queryType)));
  expect([...asked].sort()).toEqual(Object.keys(reports).sort());
});

it('lets All mean no filter, so that requests without a valid service are counted, too', () => {
  expect(variables[1]).toMatchObject({
    name: 'service',
    multi: true,
    includeAll: true,
    allValue: '$__all',
  });
});

it('asks ahead for nothing but what the panels that are open show', () => {
  const variable = variables.find(({ name }) => name === 'service');
  const { ahead = [] } = variableQueryOf(variable?.query);
  const needed = openPanels.flatMap((panel) =>
    targetsOf(panel).flatMap((target) => selectionOf(reports[target.queryType], target).sources)
  );
  expect(ahead).toEqual(aheadSources);
  ahead.forEach((source) => expect(needed).toContain(source));
});

it('has a variable for the rows of tables, of which all can be exported', () => {
  const variable = variables.find(({ name }) => name === 'rows');
  expect(variable).toMatchObject({ type: 'custom', label: 'Rows', multi: false, current: { value: '100' } });
  expect((variable?.options ?? []).map(({ value }) => limitOf({ limit: value }))).toEqual([100, 1000, undefined]);
  // As Grafana reads the list of a custom variable.
  const listed = String(variable?.query)
    .split(', ')
    .map((option) => / : (.*)$/.exec(option)?.[1] ?? option);
  expect(listed).toEqual(variable?.options?.map(({ value }) => value));
});

it('bounds the series of every panel, and the rows of every table whose length the logs decide', () => {
  const limits = dataPanels.flatMap((panel) =>
    targetsOf(panel)
      .filter(({ queryType }) => reports[queryType].limited)
      .map(({ limit }) => [panel.type, panel.title, limit])
  );
  const expected = limits.map(([type, title]) => {
    // There are no more than some 250 countries on a map.
    return [type, title, type === 'table' ? '${rows}' : type === 'geomap' ? undefined : 10];
  });
  expect(limits).toEqual(expected);
  expect(limits).toHaveLength(11);
});

it('names no user until somebody opens the row of users', () => {
  const namesUsers = (panel: Panel) =>
    targetsOf(panel).some(
      ({ groupBy, metric, includeUsers, columns = [] }) =>
        groupBy === 'user' || metric === 'requests-per-user' || includeUsers || columns.includes('users')
    );
  expect(openPanels.filter(namesUsers)).toEqual([]);
  const closed = openPanels.filter(({ collapsed }) => collapsed);
  expect(closed.map(({ title }) => title)).toEqual(['Users']);
  expect(closed[0]?.panels?.map(({ title }) => title)).toEqual([
    'Members and external users',
    'Usage by user',
    'Countries by user',
  ]);
});

it('is marked for incomplete countries only where countries are shown, or how far the figures can be trusted', () => {
  const marked = dataPanels.filter((panel) =>
    targetsOf(panel).some((target) =>
      selectionOf(reports[target.queryType], target).sources.includes('country-attribution')
    )
  );
  expect(marked.map(({ title }) => title)).toEqual([
    'Countries',
    'Completeness',
    'Countries by user',
    'Where requests come from',
    'Requests by country',
    'Countries by service',
    'Sources',
    'Reconciliation',
  ]);
});

it('draws countries from Grafana itself, without tiles from elsewhere', () => {
  const map = openPanels.find(({ type }) => type === 'geomap') as unknown as {
    options: { basemap: { type: string; config: { src: string } }; layers: Array<{ type: string }> };
  };
  expect(map.options.basemap).toMatchObject({ type: 'geojson', config: { src: 'public/maps/countries.geojson' } });
  expect(map.options.layers.map(({ type }) => type)).toEqual(['markers']);
});

it('says which figures this version changes', () => {
  const note = dataPanels.find(({ title }) => title === 'Failed and rejected')?.description;
  expect(note).toMatch(/Changed in this version.*rejectedRequests to count/);
});

it('asks every panel about the chosen services, and for no column that it does not show', () => {
  // Every column of these depends on the same, and a choice would leave out rows without a figure.
  const reportsOfAll = ['membership', 'services', 'completeness', 'reconciliation', 'metric'];
  for (const panel of dataPanels) {
    for (const { services, columns, queryType } of targetsOf(panel)) {
      expect([panel.title, services]).toEqual([panel.title, ['${service}']]);
      expect([panel.title, columns === undefined]).toEqual([panel.title, reportsOfAll.includes(queryType)]);
    }
  }
});

it('leads from a cell to the dashboard of the service, user or country in it', () => {
  const leads = dataPanels.flatMap(({ title, fieldConfig }) =>
    (fieldConfig?.overrides ?? []).flatMap(({ properties }) =>
      properties.flatMap(({ id, value }) =>
        id === 'links' ? [[title, /var-(?:service|user|country)/.exec(JSON.stringify(value))?.[0]]] : []
      )
    )
  );
  expect(leads).toEqual([
    ['Usage by service', 'var-service'],
    ['Usage by user', 'var-user'],
    ['Countries by user', 'var-user'],
    ['Requests by country', 'var-country'],
    ['Countries by service', 'var-service'],
    ['Services deployed and seen', 'var-service'],
  ]);
});
