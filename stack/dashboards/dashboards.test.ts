/** @jest-environment jsdom */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { dateMath, FieldType, standardTransformers, stringToJsRegex, toDataFrame } from '@grafana/data';

import { reports } from '../../src/core/reports/registry';
import { selectionOf } from '../../src/core/reports/selection';
import { queryProblem, storedQueryProblem } from '../../src/core/reports/validate';
import { periodsBeforeProblem } from '../../src/grafana/earlier';
import { keysProblem } from '../../src/grafana/frames/ofKeys';
import { type OscarQuery } from '../../src/grafana/types';
import { variableQueryOf } from '../../src/grafana/variables/valueLists';
import { repositoryRoot } from '../lib/repository';
import { dashboards } from './index';
import { uids } from './links';
import { type Panel } from './model';

const allPanels = (panels: readonly Panel[]): Panel[] =>
  panels.flatMap((panel) => [panel, ...allPanels(panel.panels ?? [])]);
const targetsOf = ({ targets = [] }: Panel) => targets as unknown as OscarQuery[];
const every = dashboards.flatMap((dashboard) =>
  allPanels(dashboard.panels).map((panel) => [`${dashboard.title}: ${panel.title}`, panel] as const)
);
const asking = every.filter(([, { targets }]) => targets);

function columnsOf(panel: Panel): string[] {
  return targetsOf(panel).flatMap((target) => [
    ...(target.interval && target.format !== 'timeseries' ? ['period'] : []),
    ...selectionOf(reports[target.queryType], target).shown.map(({ name }) => name),
  ]);
}

/** What a panel shows of its columns. */
function shownColumnsOf(panel: Panel): string[] {
  const only = panel.transformations?.find(({ id }) => id === 'filterFieldsByName')?.options.include as
    { names: string[] } | undefined;
  return columnsOf(panel).filter((name) => only?.names.includes(name) ?? true);
}

const overridesOf = ({ fieldConfig }: Panel) => fieldConfig?.overrides ?? [];
const propertyOf = (panel: Panel, column: string, property: string) =>
  overridesOf(panel)
    .find(({ matcher }) => matcher.options === column)
    ?.properties.find(({ id }) => id === property)?.value;

/** The names that a stat panel sees: those of the overrides where there are some. */
const shownNames = (panel: Panel) =>
  columnsOf(panel).map((name) => String(propertyOf(panel, name, 'displayName') ?? name));

it('are what plugin.json includes', () => {
  const plugin = JSON.parse(readFileSync(join(repositoryRoot, 'src/plugin.json'), 'utf8')) as { includes: unknown };
  expect(plugin.includes).toEqual(
    dashboards.map(({ title, uid }) => ({ type: 'dashboard', name: title, path: `dashboards/${uid}.json` }))
  );
});

describe.each(dashboards.map((dashboard) => [dashboard.title, dashboard] as const))('%s', (_title, dashboard) => {
  const text = JSON.stringify(dashboard);

  it('serves import and provisioning alike', () => {
    expect(text).not.toContain('__inputs');
    expect(text).not.toContain('${DS_');
    expect(dashboard).not.toHaveProperty('id');
    expect(dashboard.templating.list[0]).toMatchObject({ type: 'datasource', query: 'oscar-metrics-datasource' });
    const own = [...text.matchAll(/"type":"oscar-metrics-datasource","uid":"([^"]*)"/g)].map(([, uid]) => uid);
    expect(new Set(own)).toEqual(new Set(['${datasource}']));
    expect(text).not.toMatch(/https?:/);
  });

  it('refreshes only when somebody asks for it', () => {
    expect(dashboard.refresh).toBe('');
  });

  it('marks gaps by an annotation', () => {
    const targets = dashboard.annotations.list.flatMap((one) => ('target' in one ? [one.target] : []));
    expect(targets).toMatchObject([{ queryType: 'completeness' }]);
    expect(queryProblem(targets[0] as OscarQuery)).toBeUndefined();
  });

  it('has panels with ids of their own, inside the grid, that do not overlap', () => {
    const panels = allPanels(dashboard.panels);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    // The panels of a closed row stand apart until somebody opens it.
    for (const together of [dashboard.panels, ...dashboard.panels.map(({ panels: inside = [] }) => inside)]) {
      expectNoOverlap(together);
    }
  });

  it('leaves no gap between panels, and uses the whole width', () => {
    const cells = dashboard.panels.reduce((sum, { gridPos: { w, h } }) => sum + w * h, 0);
    const bottom = Math.max(...dashboard.panels.map(({ gridPos: { y, h } }) => y + h));
    expect(bottom * 24 - cells).toBe(0);
  });

  it('has variables whose lists can be read, and no others in its queries', () => {
    const variables = dashboard.templating.list as ReadonlyArray<{ name: string; type: string; query: unknown }>;
    for (const { type, query } of variables) {
      expect(() => type === 'query' && variableQueryOf(query)).not.toThrow();
    }
    const used = [...JSON.stringify(dashboard.panels).matchAll(/\$\{(\w+)[}:.]/g)].map(([, name]) => name);
    const known = [...variables.map(({ name }) => name), '__url_time_range', '__value'];
    expect(used.filter((name) => !known.includes(String(name)))).toEqual([]);
    expect(variables.filter(({ name }) => !used.includes(name))).toEqual([]);
  });

  it('leads to dashboards that there are', () => {
    const known: string[] = Object.values(uids);
    expect(dashboard.links.length).toBeGreaterThan(1);
    const found = [...text.matchAll(/"url":"\/d\/([\w-]+)/g)].map(([, uid]) => uid);
    expect(found.filter((uid) => !known.includes(String(uid)))).toEqual([]);
    expect(dashboard.links.map(({ url }) => url).join()).not.toContain(dashboard.uid);
  });
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

it('encode every name in a link, and put none into the options of a transformation', () => {
  const links = every.flatMap(([, panel]) =>
    overridesOf(panel).flatMap(({ properties }) =>
      properties.flatMap(({ id, value }) => (id === 'links' ? (value as Array<{ url: string }>) : []))
    )
  );
  const urls = [...links, ...dashboards.flatMap((dashboard) => dashboard.links)].map(({ url }) => url);
  expect(links.length).toBeGreaterThan(10);
  const variables = urls.flatMap((url) => [...url.matchAll(/\$\{([^}]*)\}/g)].map(([, name]) => name));
  expect(new Set(variables)).toEqual(
    new Set(['datasource:percentencode', '__value.raw:percentencode', '__url_time_range'])
  );
  // Grafana fills them in before it reads the options as JSON.
  expect(every.filter(([, { transformations }]) => JSON.stringify(transformations ?? []).includes('$'))).toEqual([]);
});

it('names the user of a dashboard only where users are what it is about', () => {
  const namesUsers = (panel: Panel) =>
    targetsOf(panel).some(
      ({ groupBy, metric, includeUsers, columns = [] }) =>
        groupBy === 'user' || metric === 'requests-per-user' || includeUsers || columns.includes('users')
    );
  const open = dashboards.filter((dashboard) => dashboard.panels.some(namesUsers));
  expect(open.map(({ uid }) => uid)).toEqual([uids.user]);
});

it('read the times of the contract as the instants that they are, whatever the zone', () => {
  const iso = '2026-10-25T00:59:59.999Z';
  for (const [title, { transformations = [] }] of every) {
    for (const { options } of transformations.filter(({ id }) => id === 'convertFieldType')) {
      const conversions = options.conversions as Array<{ targetField: string }>;
      const frame = toDataFrame({
        fields: conversions.map(({ targetField }) => ({
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

it.each(every.filter(([, { type, transparent }]) => type === 'text' && !transparent))(
  '%s has words',
  (_title, { options }) => {
    expect(String(options?.content).length).toBeGreaterThan(60);
    expect(options?.mode).toBe('markdown');
  }
);

it.each([
  // The 31st, from which a month back there is no day; a month with a change of the clock; the turn of the year.
  ['2026-03-31T12:00:00Z', 'Europe/Madrid', '2026-01-31T23:00:00.000Z', '2026-02-28T22:59:59.999Z'],
  ['2026-11-30T23:30:00Z', 'Europe/Madrid', '2026-10-31T23:00:00.000Z', '2026-11-30T22:59:59.999Z'],
  ['2026-11-15T00:00:00Z', 'Europe/Madrid', '2026-09-30T22:00:00.000Z', '2026-10-31T22:59:59.999Z'],
  ['2026-01-01T00:00:00Z', 'utc', '2025-12-01T00:00:00.000Z', '2025-12-31T23:59:59.999Z'],
])('the report opens at %s in %s with the month before', (now, timezone, from, to) => {
  const time = dashboards.find(({ uid }) => uid === uids.monthly)?.time ?? { from: '', to: '' };
  const at = (text: string, roundUp: boolean) =>
    dateMath.toDateTime(text, { roundUp, timezone, now: new Date(now) })?.toISOString();
  expect([at(time.from, false), at(time.to, true)]).toEqual([from, to]);
});

it('ends pages of paper between two panels', () => {
  const monthly = dashboards.find(({ uid }) => uid === uids.monthly);
  const rooms =
    monthly?.panels.filter(({ transparent }) => transparent).map(({ gridPos: { y, h } }) => [y, y + h]) ?? [];
  // A page of A4 has a height of 1810 px where its width is 1280 px; a row of the grid 38 px; bars above it 60 to 150 px.
  const ends = [1, 2].map((page) => [(page * 1810 - 150) / 38, (page * 1810 - 60) / 38]);
  expect(rooms).toHaveLength(ends.length);
  for (const [index, [from = 0, to = 0]] of rooms.entries()) {
    expect(from).toBeLessThanOrEqual(ends[index]?.[0] ?? NaN);
    expect(to).toBeGreaterThanOrEqual(Math.floor(ends[index]?.[1] ?? NaN));
  }
});

describe.each(asking)('%s', (title, panel) => {
  it('says how its figures are defined', () => {
    expect(panel.description?.length).toBeGreaterThan(60);
  });

  it('asks one valid question', () => {
    expect(panel.targets).toHaveLength(1);
    for (const target of targetsOf(panel)) {
      expect(storedQueryProblem(target) ?? keysProblem(target) ?? periodsBeforeProblem(target)).toBeUndefined();
    }
  });

  it('bounds the rows or series that the logs decide', () => {
    for (const { queryType, limit, keys } of targetsOf(panel)) {
      const isOfOne = title.startsWith('OSCAR usage of a service') && ['metric', 'services'].includes(queryType);
      // There are no more than some 250 countries on a map.
      const isBounded = keys !== undefined || isOfOne || panel.type === 'geomap' || !reports[queryType].limited;
      expect([title, limit]).toEqual([title, isBounded ? undefined : panel.type === 'table' ? '${rows}' : 10]);
    }
  });

  it('names only columns that the answer has', () => {
    const known = [...columnsOf(panel), 'completeness_notes'];
    const matchers = overridesOf(panel)
      .map(({ matcher }) => matcher)
      .filter(({ id }) => id !== 'byType');
    const named = matchers.filter(({ id }) => id === 'byName').map(({ options }) => options);
    const patterns = matchers.filter(({ id }) => id === 'byRegexp').map(({ options }) => stringToJsRegex(options));
    expect(named.length + patterns.length).toBe(matchers.length);
    const { xField } = panel.options ?? {};
    expect(known).toEqual(expect.arrayContaining([...named, ...(xField ? [xField] : [])]));
    expect(patterns.filter((pattern) => !known.some((column) => pattern.test(column)))).toEqual([]);
  });

  it('asks for what it shows', () => {
    const fields = String((panel.options?.reduceOptions as { fields?: string } | undefined)?.fields ?? '');
    const picked = fields.match(/\w[\w ]*/g) ?? [];
    expect(panel.type === 'stat').toBe(picked.length > 0);
    if (panel.type === 'stat') {
      // The completeness of a row is there whatever is asked for.
      expect(
        shownNames(panel)
          .filter((name) => name !== 'completeness')
          .sort()
      ).toEqual([...picked].sort());
    }
  });

  it('shows tables in words', () => {
    if (panel.type !== 'table' || panel.options?.showHeader === false) {
      return;
    }
    const names = shownColumnsOf(panel).map((column) => propertyOf(panel, column, 'displayName'));
    expect(names).toEqual(names.map(() => expect.stringMatching(/^[A-Z][\w ]+$/)));
    expect(new Set(names).size).toBe(names.length);
  });

  it('says how to export plain numbers, or has nothing else', () => {
    if (panel.type !== 'table' || panel.options?.showHeader === false) {
      return;
    }
    const isPlain = title.startsWith('OSCAR usage monthly report');
    expect(/turn off Formatted data \(panel menu, Inspect > Data\)\.$/.test(panel.description ?? '')).toBe(!isPlain);
    const formats = shownColumnsOf(panel).filter(
      (column) =>
        !['start_time', 'end_time'].includes(column) &&
        ['unit', 'decimals', 'custom.cellOptions'].some((id) => {
          const value = propertyOf(panel, column, id);
          // As it is, and in several lines: no format.
          return value !== undefined && value !== 'string' && !(value as { wrapText?: boolean }).wrapText;
        })
    );
    const hasUnit = panel.fieldConfig?.defaults.unit !== undefined;
    expect(
      isPlain && (hasUnit || formats.some((column) => !['completeness', 'status', 'difference'].includes(column)))
    ).toBe(false);
  });
});
