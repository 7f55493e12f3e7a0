import { reports } from '../../src/core/reports/registry';
import { selectionOf } from '../../src/core/reports/selection';
import { type ColumnName, type Looks, overridesOf, timeColumns } from './columns';
import {
  asked,
  calm,
  gridPos,
  type Override,
  type Panel,
  type Place,
  type Question,
  type Transformation,
} from './model';

const custom = { cellOptions: { type: 'auto' }, inspect: false, filterable: false };

const plainNumbers = ' For plain numbers in a CSV file, turn off Formatted data (panel menu, Inspect > Data).';

/** Figures of one row, by column, each with its name; one figure without a name stands alone. */
export function stat(
  place: Place,
  question: Question,
  figures: Readonly<Record<string, string>>,
  shown: 'counts' | 'hours' | 'percent' = 'counts'
): Panel {
  const names = Object.entries(figures);
  const hasNames = names.some(([, name]) => name !== '');
  const overrides = names.flatMap(([column, name]): Override[] =>
    name === ''
      ? []
      : [
          {
            matcher: { id: 'byName', options: column },
            properties: [
              { id: 'displayName', value: name },
              ...(shown === 'hours'
                ? [
                    { id: 'unit', value: 'locale' },
                    { id: 'decimals', value: 1 },
                  ]
                : []),
            ],
          },
        ]
  );
  return {
    ...asked(place, 'stat', { columns: Object.keys(figures), ...question }),
    fieldConfig: {
      defaults: {
        unit: shown === 'percent' ? 'percent' : 'locale',
        decimals: shown === 'percent' ? 1 : 0,
        color: { mode: 'fixed', fixedColor: 'text' },
        thresholds: calm,
        noValue: 'unknown',
        mappings: [],
      },
      overrides,
    },
    options: {
      reduceOptions: {
        calcs: ['lastNotNull'],
        fields: `/^(${names.map(([column, name]) => name || column).join('|')})$/`,
        values: false,
      },
      orientation: 'auto',
      textMode: hasNames ? 'value_and_name' : 'value',
      wideLayout: true,
      colorMode: 'value',
      graphMode: 'none',
      justifyMode: 'auto',
      showPercentChange: false,
      percentChangeColorMode: 'standard',
    },
  };
}

interface TableOptions {
  /** What differs from how columns look elsewhere. */
  looks?: Looks;
  /** For CSV: numbers without separators or units. */
  isPlain?: boolean;
  /** Only these columns are shown; a CSV without the panel's transformations has all. */
  only?: readonly ColumnName[];
  /** Only rows whose columns have none of these texts. */
  without?: ReadonlyArray<{ column: ColumnName; text: string }>;
  /** What stands in the place of a table without rows, and of an empty cell. */
  nothing?: string;
}

/** The rows of an answer, each column with a name for people. */
export function table(place: Place, question: Question, options: TableOptions = {}): Panel {
  const { looks, isPlain = false, only, nothing } = options;
  const columns = columnsOf(question).filter((name) => only?.includes(name) ?? true);
  const transformations = transformationsOf(columns, options);
  const placed = isPlain ? place : { ...place, description: `${place.description}${plainNumbers}` };
  return {
    ...asked(placed, 'table', question),
    fieldConfig: {
      defaults: {
        custom: { ...custom, align: 'auto', minWidth: 60 },
        mappings: [],
        thresholds: calm,
        ...(nothing && { noValue: nothing }),
        ...(isPlain || question.queryType === 'completeness' ? {} : { unit: 'locale' }),
      },
      overrides: overridesOf(columns, ownLooks(question, looks), isPlain),
    },
    options: { showHeader: true, cellHeight: 'sm' },
    ...(transformations.length > 0 && { transformations }),
  };
}

/** The column `key`, by what it names. */
const keyLooks: Readonly<Record<NonNullable<Question['groupBy']>, Looks>> = {
  service: {},
  user: { key: { title: 'User', width: 190, leadsTo: 'user' } },
  country: { key: { title: 'Code', width: 78, leadsTo: 'country' } },
};

function ownLooks({ groupBy = 'service' }: Question, looks: Looks = {}): Looks {
  const ofKey = keyLooks[groupBy];
  return { ...ofKey, ...looks, ...(ofKey.key && { key: { ...ofKey.key, ...looks.key } }) };
}

/** Every column that the answer to a question may have. */
function columnsOf(question: Question): ColumnName[] {
  const shown = selectionOf(reports[question.queryType], question).shown.map(({ name }) => name) as ColumnName[];
  return [
    ...(question.interval ? ['period' as const] : []),
    ...shown,
    ...(shown.includes('notes') ? [] : ['completeness_notes' as const]),
  ];
}

function transformationsOf(columns: readonly ColumnName[], { only, without }: TableOptions): Transformation[] {
  const times = columns.filter((name) => timeColumns.includes(name));
  const transformations: Array<Transformation | undefined> = [
    without && {
      id: 'filterByValue',
      options: {
        type: 'exclude',
        match: 'any',
        filters: without.map(({ column, text: value }) => ({
          fieldName: column,
          config: { id: 'equal', options: { value } },
        })),
      },
    },
    only && { id: 'filterFieldsByName', options: { include: { names: only } } },
    times.length > 0
      ? {
          id: 'convertFieldType',
          options: {
            fields: {},
            conversions: times.map((targetField) => ({
              targetField,
              destinationType: 'time',
              dateFormat: 'YYYY-MM-DDTHH:mm:ss.SSSZ',
            })),
          },
        }
      : undefined,
  ];
  return transformations.filter((one) => one !== undefined);
}

/** One line, or one for each period, that says what is incomplete about the figures of a page; nothing when all is there. */
export function completenessLine(place: Place, question: Question): Panel {
  const ofPeriod = question.interval ? (['period'] as const) : [];
  const only = [...ofPeriod, 'completeness', 'completeness_notes'] as const;
  const { fieldConfig, ...panel } = table(place, question, {
    isPlain: true,
    only,
    looks: { completeness: { width: 116 }, completeness_notes: { minWidth: 90 } },
  });
  const defaults = { ...fieldConfig?.defaults, custom: { ...custom, align: 'left', minWidth: 90 } };
  return {
    ...panel,
    fieldConfig: { defaults, overrides: fieldConfig?.overrides ?? [] },
    options: { showHeader: false, cellHeight: 'sm' },
  };
}

/** Words in Markdown. */
export function text({ id, title, at }: Omit<Place, 'description'>, content: string): Panel {
  return { id, type: 'text', title, gridPos: gridPos(at), options: { mode: 'markdown', content } };
}

/** Room of three rows of the grid for the end of a page of paper, which is a little higher or lower by the bars above the dashboard. */
export function pageBreak(id: number, y: number): Panel {
  return { ...text({ id, title: '', at: [0, y, 24, 3] }, '&nbsp;'), transparent: true };
}

export function row(id: number, title: string, y: number, panels?: Panel[]): Panel {
  const position = gridPos([0, y, 24, 1]);
  return { id, type: 'row', title, collapsed: panels !== undefined, gridPos: position, panels: panels ?? [] };
}
