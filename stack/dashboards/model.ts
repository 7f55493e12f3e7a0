import { type OscarQuery } from '../../src/grafana/types';

/** The parts of Grafana's model of a dashboard that are written here. */
export interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { h: number; w: number; x: number; y: number };
  datasource?: typeof ownDataSource;
  targets?: Array<Record<string, unknown>>;
  fieldConfig?: { defaults: Record<string, unknown>; overrides: Override[] };
  options?: Record<string, unknown>;
  transformations?: Transformation[];
  transparent?: boolean;
  collapsed?: boolean;
  panels?: Panel[];
}

export interface Override {
  matcher: { id: 'byName' | 'byRegexp' | 'byType'; options: string };
  properties: Property[];
}

export interface Property {
  id: string;
  value: unknown;
}

export interface Transformation {
  id: string;
  options: Record<string, unknown>;
}

/** A question of a panel; which data source and which reference id is the same everywhere. */
export type Question = Omit<OscarQuery, 'refId' | 'datasource'>;

/** Where a panel stands in Grafana's grid of 24 columns, and what it says about itself. */
export interface Place {
  /** Never changes: links to a panel name it. */
  id: number;
  title: string;
  /** What the figures mean, shown when somebody points at the title. */
  description: string;
  /** Left, top, width, height. */
  at: readonly [x: number, y: number, w: number, h: number];
}

/** The data source that is chosen in the variable of each dashboard. */
export const ownDataSource = { type: 'oscar-metrics-datasource', uid: '${datasource}' } as const;

function target(question: Question): Record<string, unknown> {
  return { refId: 'A', datasource: ownDataSource, ...question };
}

export function gridPos([x, y, w, h]: Place['at']): Panel['gridPos'] {
  return { h, w, x, y };
}

/** The colour of text, which does not change with the figure. */
export const calm = { mode: 'absolute', steps: [{ color: 'text', value: null }] };

/** A panel of a type that asks this. */
export const asked = ({ id, title, description, at }: Place, type: string, question: Question): Panel => ({
  id,
  type,
  title,
  description,
  gridPos: gridPos(at),
  datasource: ownDataSource,
  targets: [target(question)],
});
