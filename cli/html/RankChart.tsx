import { scaleLinear } from 'd3-scale';
import React from 'react';

import { printable } from '../output/text';

interface Props {
  title: string;
  items: ReadonlyArray<{ name: string; value: number }>;
  /** CSS colour. */
  color: string;
}

const width = 720;
const rowHeight = 20;
const barHeight = 13;
const left = 190;
const right = 70;

/** Signs of a name beside its bar. */
const maxName = 28;

/** The largest of something, a bar each. */
export function RankChart({ title, items, color }: Props) {
  if (items.length === 0) {
    return null;
  }
  const x = scaleLinear()
    .domain([0, Math.max(1, ...items.map(({ value }) => value))])
    .range([0, width - left - right]);
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <svg viewBox={`0 0 ${width} ${items.length * rowHeight + 4}`} role="img" aria-label={title}>
        {items.map(({ name, value }, index) => {
          const text = Array.from(printable(name));
          const length = Math.round(x(value) * 100) / 100;
          return (
            <g key={index} transform={`translate(0 ${index * rowHeight + 2})`}>
              <text x={left - 8} y={barHeight - 2} textAnchor="end">
                {text.length > maxName ? `${text.slice(0, maxName - 1).join('')}…` : text.join('')}
              </text>
              <rect x={left} y={1} width={length} height={barHeight} fill={color} />
              <text x={left + length + 6} y={barHeight - 2}>
                {value.toLocaleString('en-US')}
              </text>
            </g>
          );
        })}
      </svg>
    </figure>
  );
}
