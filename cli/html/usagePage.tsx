import React from 'react';

import { dayMs } from '../../src/core/domain/duration';
import { type PeriodUnit } from '../../src/core/domain/periods';
import { lengthOf, type Span } from '../../src/core/domain/span';
import { type UsageQuery } from '../../src/core/query';
import { type Cell } from '../../src/core/reports/report';
import { type Table } from '../../src/core/reports/table';
import { type Asked, NoAnswer } from '../asked';
import { tableIn, type WrittenReport } from '../output/report';
import { clockTime } from '../range/wording';
import { FiguresTable } from './FiguresTable';
import { HeadFigures } from './HeadFigures';
import { pageOf } from './page';
import { PeriodChart } from './PeriodChart';
import { RankChart } from './RankChart';

interface UsagePageOptions {
  title?: string;
  /** Rows of each table; the rest is one more, `(others)`. */
  limit?: number;
}

/** Rows of each table where nobody says. */
const defaultLimit = 25;

/** Bars of a chart of the largest. */
const ranked = 12;

const colors = { sync: '#1d4ed8', async: '#60a5fa', exposed: '#0f766e', cpu: '#7c3aed', gpu: '#be185d' } as const;

/** What is drawn over time. Each chart asks for itself, so that its marks are about its own figures. */
const charts: ReadonlyArray<{
  id: string;
  title: string;
  series: ReadonlyArray<{ column: string; name: string; color: string }>;
}> = [
  {
    id: 'requests',
    title: 'Requests',
    series: [
      { column: 'requests_count_sync', name: 'sync', color: colors.sync },
      { column: 'requests_count_async', name: 'async', color: colors.async },
    ],
  },
  {
    id: 'exposed',
    title: 'Exposed requests',
    series: [{ column: 'requests_count_exposed', name: 'exposed', color: colors.exposed }],
  },
  { id: 'cpu', title: 'CPU hours', series: [{ column: 'cpu_hours_total', name: 'CPU hours', color: colors.cpu }] },
  { id: 'gpu', title: 'GPU hours', series: [{ column: 'gpu_hours_total', name: 'GPU hours', color: colors.gpu }] },
];

const ofServices = [
  'requests_count_total',
  'requests_count_sync',
  'requests_count_async',
  'requests_count_exposed',
  'requests_count_failed',
  'unique_users_count',
  'cpu_hours',
  'gpu_hours',
];

/** The usage of the cluster as a whole, as a page: figures, charts, definitions and completeness. Throws as `Asked.ask`. */
export async function usagePage(
  { configuration, range, now, ask }: Asked,
  { title = 'OSCAR usage report', limit = defaultLimit }: UsagePageOptions
): Promise<{ text: string; reports: WrittenReport[] }> {
  const unit = unitOf(range);
  const summary = await ask({ queryType: 'summary' });
  // The summary has all sources: where it has an answer and another report has none, it says why.
  const askOf = (query: UsageQuery) =>
    ask(query).catch((error: unknown) => {
      if (error instanceof NoAnswer) {
        return withoutRows(summary, query);
      }
      throw error;
    });
  const inPeriods = ({ series }: (typeof charts)[number]) =>
    askOf({ queryType: 'summary', interval: unit, columns: series.map(({ column }) => column) });
  const [services, countries, members, sources, ...periods] = await Promise.all([
    askOf({ queryType: 'breakdown', groupBy: 'service', columns: ofServices, limit }),
    askOf({ queryType: 'country', limit }),
    askOf({ queryType: 'membership' }),
    askOf({ queryType: 'completeness' }),
    ...charts.map(inPeriods),
  ]);
  const reports = [summary, services, countries, members, sources, ...periods];
  const tables = {
    periods: periods.map(({ answer }) => tableIn(answer)),
    services: tableIn(services.answer),
    countries: tableIn(countries.answer),
    members: tableIn(members.answer),
    sources: onClocks(tableIn(sources.answer), configuration.zone),
  };
  const facts = { title, reports, settings: configuration.settings, now };
  return {
    reports,
    text: pageOf(
      facts,
      <>
        <HeadFigures summary={summary} countsRejected={configuration.settings.rejectedRequests === 'count'} />
        <OverTime tables={tables.periods} unit={unit} />
        <section>
          <h2>Services</h2>
          <RankChart
            title="Services with the most requests"
            items={largest(tables.services, 'key', 'requests_count_total')}
            color={colors.sync}
          />
          <FiguresTable
            table={tables.services}
            without={['completeness_notes']}
            id="service-table"
            title="Use of each service"
          />
        </section>
        <section>
          <h2>Countries</h2>
          <RankChart
            title="Countries with the most requests"
            items={largest(tables.countries, 'country_name', 'request_count')}
            color={colors.exposed}
          />
          <FiguresTable
            table={tables.countries}
            without={['completeness_notes']}
            id="country-table"
            title="Requests by country"
          />
        </section>
        <section>
          <h2>Members and others</h2>
          <FiguresTable
            table={tables.members}
            without={['completeness_notes']}
            id="membership-table"
            title="Users and requests by membership"
          />
        </section>
        <section>
          <h2>Completeness of the sources</h2>
          <FiguresTable
            table={tables.sources}
            without={['last_updated', 'affected_metrics', 'completeness_notes']}
            className="times"
            id="source-table"
            title="What was read, and what is to be known about it"
          />
        </section>
      </>
    ),
  };
}

/** A report to which no source delivered anything. */
function withoutRows(summary: WrittenReport, query: UsageQuery): WrittenReport {
  const answer = { ...summary.answer, kind: 'table' as const, table: { columns: [], length: 0 } };
  return { ...summary, query, answer, notices: [], isComplete: false };
}

/** A table whose times, which are in UTC, are those of a zone's clocks. */
function onClocks({ columns, length }: Table, zone: string): Table {
  const shown = (cell: Cell) => (typeof cell === 'string' ? clockTime(Date.parse(cell), zone) : cell);
  const isTime = (name: string) => name === 'covered_from' || name === 'covered_to';
  return {
    columns: columns.map((column) => (isTime(column.name) ? { ...column, values: column.values.map(shown) } : column)),
    length,
  };
}

/** Bars that can be told apart, whatever the range. */
function unitOf(range: Span): PeriodUnit {
  const days = lengthOf(range) / dayMs;
  if (days <= 2) {
    return 'hour';
  }
  return days <= 100 ? 'day' : days <= 750 ? 'week' : 'month';
}

const valuesOf = ({ columns }: Table, name: string): readonly Cell[] =>
  columns.find((column) => column.name === name)?.values ?? [];

function OverTime({ tables, unit }: { tables: readonly Table[]; unit: PeriodUnit }) {
  const filled = charts.map(({ id, title, series }, index) => {
    const table = tables[index] ?? { columns: [], length: 0 };
    return {
      id,
      title: `${title} by ${unit}`,
      periods: valuesOf(table, 'period').map(String),
      isPartial: valuesOf(table, 'completeness').map((status) => status !== 'ok'),
      series: series.map(({ column, name, color }) => ({
        name,
        color,
        values: valuesOf(table, column).map((value) => (typeof value === 'number' ? value : null)),
      })),
    };
  });
  // A figure that is never known is named by a note, and has no chart.
  const known = filled.filter(({ series }) => series.some(({ values }) => values.some((value) => value !== null)));
  return (
    <section>
      <h2>Over time</h2>
      {known.map((chart) => (
        <PeriodChart key={chart.id} {...chart} />
      ))}
    </section>
  );
}

function largest(table: Table, nameColumn: string, valueColumn: string): Array<{ name: string; value: number }> {
  const values = valuesOf(table, valueColumn);
  return valuesOf(table, nameColumn)
    .map((name, index) => ({ name: String(name ?? ''), value: Number(values[index] ?? 0) }))
    .filter(({ value }) => value > 0)
    .slice(0, ranked);
}
