import { asked, calm, type Override, type Panel, type Place, type Question } from './model';

const noAxisTricks = {
  axisPlacement: 'auto',
  axisLabel: '',
  axisColorMode: 'text',
  axisCenteredZero: false,
  axisBorderShow: false,
  scaleDistribution: { type: 'linear' },
  thresholdsStyle: { mode: 'off' },
  hideFrom: { legend: false, tooltip: false, viz: false },
};

const legend = { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] };

/** Stacked bars over time, or lines of percentages. Without `shown`, the unit of the frame's fields as a suffix. */
export function series(
  place: Place,
  question: Question,
  { shown = 'counts', overrides = [] }: { shown?: 'counts' | 'hours' | 'percent'; overrides?: Override[] } = {}
): Panel {
  const isPercent = shown === 'percent';
  return {
    ...asked(place, 'timeseries', { format: 'timeseries', interval: 'auto', ...question }),
    fieldConfig: {
      defaults: {
        ...(shown === 'counts' && { unit: 'locale' }),
        ...(isPercent && { unit: 'percent', max: 100 }),
        min: 0,
        color: { mode: 'palette-classic' },
        thresholds: calm,
        mappings: [],
        custom: {
          drawStyle: isPercent ? 'line' : 'bars',
          barAlignment: 1,
          barWidthFactor: 0.8,
          barMaxWidth: 97,
          fillOpacity: isPercent ? 0 : 70,
          lineWidth: isPercent ? 2 : 1,
          pointSize: 5,
          showPoints: 'never',
          spanNulls: false,
          insertNulls: false,
          gradientMode: 'none',
          lineInterpolation: isPercent ? 'stepAfter' : 'linear',
          stacking: { mode: isPercent ? 'none' : 'normal', group: 'A' },
          ...noAxisTricks,
        },
      },
      overrides: [
        ...(shown === 'hours'
          ? [
              {
                matcher: { id: 'byType' as const, options: 'number' },
                properties: [{ id: 'unit', value: 'suffix: h' }],
              },
            ]
          : []),
        ...overrides,
      ],
    },
    options: { legend, tooltip: { mode: 'multi', sort: 'desc', hideZeros: true } },
  };
}

/** Sync, async and exposed requests over time: the last as a line, because it is no part of the total. */
export function requestsByType(place: Place, question: Partial<Question> = {}): Panel {
  const named = (column: string, name: string, more: Override['properties'] = []): Override => ({
    matcher: { id: 'byRegexp', options: `/^requests_count_${column}/` },
    properties: [{ id: 'displayName', value: name }, ...more],
  });
  const columns = ['requests_count_sync', 'requests_count_async', 'requests_count_exposed'];
  return series(
    place,
    { queryType: 'summary', columns, ...question },
    {
      overrides: [
        named('sync', 'Sync'),
        named('async', 'Async'),
        named('exposed', 'Exposed', [
          { id: 'custom.drawStyle', value: 'line' },
          { id: 'custom.fillOpacity', value: 0 },
          { id: 'custom.lineWidth', value: 2 },
          { id: 'custom.stacking', value: { mode: 'none', group: 'A' } },
        ]),
      ],
    }
  );
}

/** The sync and async requests of the largest keys as horizontal bars. */
export function largest(place: Place, question: Question): Panel {
  const named = (column: string, name: string, fixedColor: string): Override => ({
    matcher: { id: 'byName', options: column },
    properties: [
      { id: 'displayName', value: name },
      { id: 'color', value: { mode: 'fixed', fixedColor } },
    ],
  });
  const shown = ['key', 'requests_count_sync', 'requests_count_async'];
  return {
    ...asked(place, 'barchart', question),
    fieldConfig: {
      defaults: {
        unit: 'locale',
        decimals: 0,
        min: 0,
        color: { mode: 'palette-classic' },
        thresholds: calm,
        mappings: [],
        custom: { fillOpacity: 80, lineWidth: 1, gradientMode: 'none', ...noAxisTricks },
      },
      overrides: [named('requests_count_sync', 'Sync', 'yellow'), named('requests_count_async', 'Async', 'green')],
    },
    options: {
      xField: 'key',
      orientation: 'horizontal',
      stacking: 'normal',
      barWidth: 0.8,
      groupWidth: 0.7,
      barRadius: 0,
      fullHighlight: false,
      showValue: 'never',
      xTickLabelRotation: 0,
      xTickLabelMaxLength: 24,
      xTickLabelSpacing: 0,
      legend,
      tooltip: { mode: 'multi', sort: 'none', hideZeros: false },
    },
    transformations: [
      { id: 'filterFieldsByName', options: { include: { names: shown } } },
      { id: 'limit', options: { limitField: Number(question.limit) } },
    ],
  };
}

/** Requests by country on the outlines of the countries that Grafana has itself. */
export function map(place: Place, question: Partial<Question>): Panel {
  const blue = { fixed: 'blue' };
  return {
    ...asked(place, 'geomap', {
      queryType: 'country',
      columns: ['country_name', 'request_count', 'percentage'],
      ...question,
    }),
    fieldConfig: {
      defaults: {
        unit: 'locale',
        color: { mode: 'fixed', fixedColor: 'blue' },
        thresholds: calm,
        mappings: [],
        custom: { hideFrom: noAxisTricks.hideFrom },
      },
      overrides: [],
    },
    options: {
      basemap: {
        type: 'geojson',
        name: 'Countries',
        config: {
          src: 'public/maps/countries.geojson',
          rules: [],
          style: { color: { fixed: '#8e8e8e' }, opacity: 0.15, lineWidth: 1 },
        },
      },
      controls: {
        showZoom: true,
        mouseWheelZoom: false,
        showAttribution: false,
        showScale: false,
        showMeasure: false,
        showDebug: false,
      },
      layers: [
        {
          type: 'markers',
          name: 'Requests',
          location: { mode: 'lookup', lookup: 'country' },
          tooltip: true,
          config: {
            showLegend: false,
            style: {
              color: blue,
              opacity: 0.5,
              rotation: { fixed: 0, max: 360, min: -360, mode: 'mod' },
              size: { field: 'request_count', fixed: 5, min: 4, max: 32 },
              symbol: { fixed: 'img/icons/marker/circle.svg', mode: 'fixed' },
              symbolAlign: { horizontal: 'center', vertical: 'center' },
              textConfig: { fontSize: 12, offsetX: 0, offsetY: 0, textAlign: 'center', textBaseline: 'middle' },
            },
          },
        },
      ],
      tooltip: { mode: 'details' },
      view: { allLayers: true, id: 'coords', lat: 30, lon: 10, zoom: 1.4, noRepeat: true },
    },
  };
}
