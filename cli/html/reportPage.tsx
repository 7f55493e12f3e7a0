import React from 'react';

import { type Asked } from '../asked';
import { queryTitle, tableIn, type WrittenReport } from '../output/report';
import { FiguresTable } from './FiguresTable';
import { pageOf } from './page';

/** A page with one report. */
export function reportPage(report: WrittenReport, { configuration, now }: Asked, title?: string): string {
  const name = queryTitle(report.query);
  const facts = { title: title ?? `OSCAR usage: ${name}`, reports: [report], settings: configuration.settings, now };
  return pageOf(facts, <FiguresTable table={tableIn(report.answer)} id="report" title={name} />);
}
