import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { FieldType, standardTransformers, stringToJsRegex, toDataFrame } from '@grafana/data';

import { limitOf } from '../core/reports/queryLimit';
import { reports } from '../core/reports/registry';
import { selectionOf } from '../core/reports/selection';
import { queryProblem, storedQueryProblem } from '../core/reports/validate';
import { aheadSources } from '../core/sources/ahead';
import { type OscarQuery } from '../grafana/types';
import { variableQueryOf } from '../grafana/variables/valueLists';
import dashboard from './oscar-usage-overview.json';

interface Property {
  id: string;
  value: unknown;
}

interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: OscarQuery[];
  transformations?: Array<{ id: string; options: { conversions: Array<{ targetField: string }> } }>;
  collapsed?: boolean;
  panels?: Panel[];
  fieldConfig?: { overrides: Array<{ matcher: { id: string; options: string }; properties: Property[] }> };
  options?: { reduceOptions?: { fields: string }; xField?: string };
}

const openPanels = dashboard.panels as unknown as Panel[];
const panels = openPanels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
const dataPanels = panels.filter(({ type }) => type !== 'row');
const titled = dataPanels.map((panel) => [panel.title, panel] as const);
const text = JSON.stringify(dashboard);

function columnsOf(panel: Panel): string[] {
  return (panel.targets ?? []).flatMap((target) =>
    selectionOf(reports[target.queryType], target).shown.map(({ name }) => name)
  );
}

/** The names that a stat panel sees: those of the overrides where there are some. */
function shownNames(panel: Panel): string[] {
  const renamed = new Map(
    (panel.fieldConfig?.overrides ?? []).map(({ matcher, properties }) => [
      matcher.options,
      properties.find(({ id }) => id === 'displayName')?.value,
    ])
  );
  return columnsOf(panel).map((name) => String(renamed.get(name) ?? name));
}

it('serves import and provisioning alike', () => {
  expect(text).not.toContain('__inputs');
  expect(text).not.toContain('${DS_');
  expect(dashboard).not.toHaveProperty('id');
  expect(dashboard.templating.list[0]).toMatchObject({
    name: 'datasource',
    type: 'datasource',
    query: 'oscar-metrics-datasource',
  });
  const uids = [...text.matchAll(/"type":"oscar-metrics-datasource","uid":"([^"]*)"/g)].map(([, uid]) => uid);
  expect(new Set(uids)).toEqual(new Set(['${datasource}']));
  expect(uids.length).toBeGreaterThan(dataPanels.length);
});

it('shows the last 30 days and does not refresh by itself', () => {
  expect(dashboard.time).toEqual({ from: 'now-30d', to: 'now' });
  expect(dashboard.refresh).toBe('');
});

it('is what plugin.json includes', () => {
  const plugin = JSON.parse(readFileSync(join(__dirname, '..', 'plugin.json'), 'utf8')) as {
    includes: Array<{ type: string; name: string; path: string }>;
  };
  expect(plugin.includes).toEqual([
    { type: 'dashboard', name: dashboard.title, path: 'dashboards/oscar-usage-overview.json' },
  ]);
});

it('asks every query type', () => {
  const asked = new Set(dataPanels.flatMap(({ targets = [] }) => targets.map(({ queryType }) => queryType)));
  expect([...asked].sort()).toEqual(Object.keys(reports).sort());
});

it('lets All mean no filter, so that requests without a valid service are counted, too', () => {
  expect(dashboard.templating.list[1]).toMatchObject({
    name: 'service',
    multi: true,
    includeAll: true,
    allValue: '$__all',
  });
});

it('asks ahead for nothing but what the panels that are open show', () => {
  const variable = dashboard.templating.list.find(({ name }) => name === 'service');
  const { ahead = [] } = variableQueryOf(variable?.query);
  const needed = openPanels.flatMap(({ targets = [] }) =>
    targets.flatMap((target) => selectionOf(reports[target.queryType], target).sources)
  );
  expect(ahead).toEqual(aheadSources);
  ahead.forEach((source) => expect(needed).toContain(source));
});

it('has a variable for the rows of tables, of which all can be exported', () => {
  const variable = dashboard.templating.list.find(({ name }) => name === 'rows');
  expect(variable).toMatchObject({ type: 'custom', label: 'Rows', multi: false, current: { value: '100' } });
  expect((variable?.options ?? []).map(({ value }) => limitOf({ limit: value }))).toEqual([100, 1000, undefined]);
  // As Grafana reads the list of a custom variable.
  const listed = String(variable?.query)
    .split(', ')
    .map((option) => / : (.*)$/.exec(option)?.[1] ?? option);
  expect(listed).toEqual(variable?.options.map(({ value }) => value));
});

it('bounds the series of every panel, and the rows of every table whose length the logs decide', () => {
  const limits = dataPanels.flatMap(({ type, title, targets = [] }) =>
    targets.filter(({ queryType }) => reports[queryType].limited).map(({ limit }) => [type, title, limit])
  );
  const expected = limits.map(([type, title]) => {
    // There are no more than some 250 countries on a map.
    return [type, title, type === 'table' ? '${rows}' : type === 'geomap' ? undefined : 10];
  });
  expect(limits).toEqual(expected);
  expect(limits).toHaveLength(11);
});

it('marks gaps by an annotation', () => {
  const targets = dashboard.annotations.list.flatMap(({ target }) => target ?? []);
  expect(targets).toHaveLength(1);
  expect(queryProblem(targets[0] as OscarQuery)).toBeUndefined();
  expect(targets[0]).toMatchObject({ queryType: 'completeness' });
});

it('has panels with ids of their own, inside the grid, that do not overlap', () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  // The panels of a closed row stand apart until somebody opens it.
  for (const together of [openPanels, ...openPanels.flatMap(({ panels: inside }) => (inside ? [inside] : []))]) {
    expectNoOverlap(together);
  }
});

function expectNoOverlap(together: readonly Panel[]): void {
  const taken = new Map<string, string>();
  for (const { title, gridPos } of together) {
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        expect([title, taken.get(`${x}/${y}`)]).toEqual([title, undefined]);
        taken.set(`${x}/${y}`, title);
      }
    }
  }
}

it('names no user until somebody opens the row of users', () => {
  const namesUsers = ({ targets = [] }: Panel) =>
    targets.some(
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
  const marked = dataPanels.filter(({ targets = [] }) =>
    targets.some((target) => selectionOf(reports[target.queryType], target).sources.includes('country-attribution'))
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
  const map = dashboard.panels.find(({ type }) => type === 'geomap') as unknown as {
    options: { basemap: { type: string; config: { src: string } }; layers: Array<{ type: string }> };
  };
  expect(map.options.basemap).toMatchObject({ type: 'geojson', config: { src: 'public/maps/countries.geojson' } });
  expect(map.options.layers.map(({ type }) => type)).toEqual(['markers']);
  expect(text).not.toMatch(/https?:/);
});

it('reads the times of the contract as the instants that they are, whatever the zone', () => {
  const iso = '2026-10-25T00:59:59.999Z';
  for (const [title, transformations] of titled.map(([name, { transformations: own = [] }]) => [name, own] as const)) {
    const conversions = transformations.flatMap(({ id, options }) => (id === 'convertFieldType' ? [options] : []));
    for (const options of conversions) {
      const frame = toDataFrame({
        fields: options.conversions.map(({ targetField }) => ({
          name: targetField,
          type: FieldType.string,
          values: [iso, null],
        })),
      });
      const [converted] = standardTransformers.convertFieldTypeTransformer.transformer(
        options as never,
        {} as never
      )([frame]);
      const values = converted?.fields.map(({ type, values: [one, none] }) => [type, one, none]);
      expect([title, values]).toEqual([title, frame.fields.map(() => [FieldType.time, Date.parse(iso), null])]);
    }
  }
});

it('says which figures this version changes', () => {
  const note = dataPanels.find(({ title }) => title === 'Failed and rejected')?.description;
  expect(note).toMatch(/Changed in this version.*rejectedRequests to count/);
});

describe.each(titled)('panel %s', (_title, panel) => {
  it('says how its figures are defined', () => {
    expect(panel.description?.length).toBeGreaterThan(60);
  });

  it('asks a valid question of the chosen services', () => {
    expect(panel.targets).toHaveLength(1);
    for (const target of panel.targets ?? []) {
      expect(storedQueryProblem(target)).toBeUndefined();
      expect(target.services).toEqual(['${service}']);
    }
  });

  it('names only columns that the answer has', () => {
    // The last one is there where rows are not whole.
    const known = [...columnsOf(panel), 'completeness_notes'];
    const matchers = (panel.fieldConfig?.overrides ?? [])
      .map(({ matcher }) => matcher)
      .filter(({ id }) => id !== 'byType');
    const named = matchers.filter(({ id }) => id === 'byName').map(({ options }) => options);
    const patterns = matchers.filter(({ id }) => id === 'byRegexp').map(({ options }) => stringToJsRegex(options));
    expect(named.length + patterns.length).toBe(matchers.length);
    expect(known).toEqual(expect.arrayContaining([...named, ...(panel.options?.xField ? [panel.options.xField] : [])]));
    expect(patterns.filter((pattern) => !known.some((column) => pattern.test(column)))).toEqual([]);
  });

  it('asks for what it shows, and nothing else', () => {
    const shown = panel.options?.reduceOptions?.fields.match(/\w[\w ]*/g);
    const [target] = panel.targets ?? [];
    // The completeness of a row is there whatever is asked for.
    const asked = shownNames(panel).filter((name) => name !== 'completeness');
    if (panel.type === 'stat' && shown?.includes('completeness') === false) {
      expect([...shown].sort()).toEqual([...asked].sort());
    }
    // Every column of the others depends on the same, and a choice would leave out rows without a figure.
    const reportsOfAll = ['membership', 'services', 'completeness', 'reconciliation', 'metric'];
    expect(target?.columns === undefined).toBe(reportsOfAll.includes(target?.queryType ?? ''));
  });

  it('picks figures that are there', () => {
    const pattern = panel.options?.reduceOptions?.fields;
    const picked = pattern?.match(/\w[\w ]*/g) ?? [];
    expect(panel.type === 'stat').toBe(picked.length > 0);
    expect(shownNames(panel)).toEqual(expect.arrayContaining(picked));
  });

  it('shows tables in words, and says how to export plain numbers', () => {
    if (panel.type !== 'table' || panel.title === 'Completeness') {
      return;
    }
    expect(panel.description).toMatch(
      /For plain numbers in a CSV file, turn off Formatted data \(panel menu, Inspect > Data\)\.$/
    );
    const named = new Map(
      (panel.fieldConfig?.overrides ?? []).map(({ matcher, properties }) => [
        matcher.options,
        properties.find(({ id }) => id === 'displayName')?.value,
      ])
    );
    const names = [...columnsOf(panel)].map((column) => named.get(column));
    expect(names).toEqual(names.map(() => expect.stringMatching(/^[A-Z][\w ]+$/)));
    expect(new Set(names).size).toBe(names.length);
  });
});
