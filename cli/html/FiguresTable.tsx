import React from 'react';

import { type Table } from '../../src/core/reports/table';
import { isNumeric, printable, shownCell } from '../output/text';
import { titleOf } from './titles';

interface Props {
  table: Table;
  /** Columns that are left out. */
  without?: readonly string[];
  /** Tells the table from others of the page. */
  id: string;
  title: string;
  className?: string;
}

/** A table of figures; the first column names its rows. */
export function FiguresTable({ table, without = [], id, title, className }: Props) {
  const shown = table.columns.filter(({ name }) => !without.includes(name));
  const isStatus = ({ name }: (typeof shown)[number]) => name === 'completeness';
  const columns = [...shown.filter((one) => !isStatus(one)), ...shown.filter(isStatus)];
  if (columns.length === 0) {
    return (
      <>
        <h3 id={id}>{title}</h3>
        <p>Not known: no source delivered anything.</p>
      </>
    );
  }
  return (
    <>
      <h3 id={id}>{title}</h3>
      <table className={className} aria-labelledby={id}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" className={isNumeric(column) ? 'number' : undefined}>
                {printable(titleOf(column.name))}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: table.length }, (_, row) => (
            <tr key={row}>
              {columns.map((column, index) => {
                const text = printable(shownCell(column.values[row] ?? null, column.type));
                const isDoubt = column.name === 'completeness' && text !== 'ok';
                return index === 0 ? (
                  <th key={column.name} scope="row">
                    {text}
                  </th>
                ) : (
                  <td key={column.name} className={isNumeric(column) ? 'number' : isDoubt ? 'doubt' : undefined}>
                    {text}
                  </td>
                );
              })}
            </tr>
          ))}
          {table.length === 0 && (
            <tr>
              <td colSpan={columns.length}>none</td>
            </tr>
          )}
        </tbody>
      </table>
    </>
  );
}
