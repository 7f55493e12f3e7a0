import { scaleBand, scaleLinear } from 'd3-scale';
import { stack } from 'd3-shape';
import React from 'react';

/** The values of one kind over time; null where a value is not known. */
export interface ChartSeries {
  name: string;
  /** CSS colour. */
  color: string;
  values: ReadonlyArray<number | null>;
}

interface Props {
  /** Tells the chart from others of the page. */
  id: string;
  title: string;
  /** Labels of the periods, such as `2026-10-05`. */
  periods: readonly string[];
  /** Stacked, from below. */
  series: readonly ChartSeries[];
  /** Periods whose values may lack something. */
  isPartial: readonly boolean[];
}

const size = { width: 720, height: 165 };
const margin = { top: 8, right: 8, bottom: 30, left: 58 };
const wantedTicks = 4;

/** Labels that fit side by side. */
const maxLabels = 12;

/** Bars over time, as an image of its own: no script, no style from elsewhere. */
export function PeriodChart({ id, title, periods, series, isPartial }: Props) {
  const isMissing = periods.map((_, index) => series.every(({ values }) => (values[index] ?? null) === null));
  const layers = stack<number, number>()
    .keys(series.map((_, index) => index))
    .value((period, index) => series[index]?.values[period] ?? 0)(periods.map((_, index) => index));
  const highest = Math.max(0, ...layers.flatMap((layer) => layer.map(([, top]) => top)));
  const x = scaleBand<number>()
    .domain(periods.map((_, index) => index))
    .range([margin.left, size.width - margin.right])
    .paddingInner(0.15);
  const y = scaleLinear()
    .domain([0, highest || 1])
    .nice(wantedTicks)
    .range([size.height - margin.bottom, margin.top]);
  const floor = y(0);
  const ticks = y.ticks(wantedTicks);
  const format = y.tickFormat(wantedTicks);
  const every = Math.ceil(periods.length / maxLabels);
  const place = (value: number) => Math.round(value * 100) / 100;
  return (
    <figure>
      <figcaption>
        {title}
        {series.length > 1 &&
          series.map(({ name, color }) => (
            <span key={name} className="key">
              <i style={{ background: color }} /> {name}
            </span>
          ))}
      </figcaption>
      <svg viewBox={`0 0 ${size.width} ${size.height}`} role="img" aria-label={title}>
        <defs>
          <pattern
            id={`${id}-missing`}
            width="6"
            height="6"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <rect width="6" height="6" fill="#f3f4f6" />
            <line x1="0" y1="0" x2="0" y2="6" stroke="#9ca3af" strokeWidth="2" />
          </pattern>
        </defs>
        {ticks.map((tick) => (
          <g key={tick}>
            <line
              x1={margin.left}
              x2={size.width - margin.right}
              y1={place(y(tick))}
              y2={place(y(tick))}
              stroke={tick === 0 ? '#6b7280' : '#e5e7eb'}
            />
            <text x={margin.left - 6} y={place(y(tick)) + 4} textAnchor="end">
              {format(tick)}
            </text>
          </g>
        ))}
        {layers.map((layer, index) => (
          <g key={series[index]?.name} fill={series[index]?.color}>
            {layer.map(([bottom, top], period) =>
              top > bottom ? (
                <rect
                  key={period}
                  x={place(x(period) ?? 0)}
                  width={place(x.bandwidth())}
                  y={place(y(top))}
                  height={place(y(bottom) - y(top))}
                >
                  <title>{`${periods[period]}: ${series[index]?.name} ${(top - bottom).toLocaleString('en-US')}`}</title>
                </rect>
              ) : null
            )}
          </g>
        ))}
        {periods.map((period, index) =>
          isMissing[index] || isPartial[index] ? (
            <rect
              key={period + index}
              x={place(x(index) ?? 0)}
              width={place(x.bandwidth())}
              y={isMissing[index] ? margin.top : floor + 2}
              height={isMissing[index] ? floor - margin.top : 4}
              fill={isMissing[index] ? `url(#${id}-missing)` : '#d97706'}
            >
              <title>{`${period}: ${isMissing[index] ? 'not known' : 'not complete'}`}</title>
            </rect>
          ) : null
        )}
        {periods.map((period, index) =>
          index % every === 0 ? (
            <text
              key={period + index}
              x={place((x(index) ?? 0) + x.bandwidth() / 2)}
              y={floor + 20}
              textAnchor="middle"
            >
              {shortLabel(period)}
            </text>
          ) : null
        )}
      </svg>
      {(isMissing.includes(true) || isPartial.includes(true)) && (
        <p className="note">
          {isMissing.includes(true) && 'Hatched: not known. '}
          {isPartial.includes(true) && 'Orange mark below: not complete.'}
        </p>
      )}
    </figure>
  );
}

/** `10-05` of a day, `13:00` of an hour; longer periods as they are. */
function shortLabel(period: string): string {
  return /^\d{4}-\d\d-\d\d/.test(period) ? period.slice(period.includes('T') ? 11 : 5) : period;
}
