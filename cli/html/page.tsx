import React, { type ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

import { type Settings } from '../../src/core/settings';
import { noticesIn, type WrittenReport } from '../output/report';
import { printable } from '../output/text';
import { clockTime, shortRange, zoneName } from '../range/wording';
import { definitionsOf } from './definitions';
import { styles } from './styles';

/** What every page says of itself. */
export interface PageFacts {
  title: string;
  reports: readonly WrittenReport[];
  settings: Settings;
  /** When the figures were asked for, in ms since the epoch. */
  now: number;
}

/** A page that needs nothing from elsewhere. All text in it is escaped. */
export function pageOf(facts: PageFacts, content: ReactNode): string {
  const body = renderToStaticMarkup(<Page {...facts}>{content}</Page>);
  return `<!DOCTYPE html>\n${body}\n`;
}

function Page({ title, reports, settings, now, children }: PageFacts & { children: ReactNode }) {
  const [first] = reports;
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta httpEquiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <meta name="referrer" content="no-referrer" />
        <title>{printable(title)}</title>
        {/* A text of our own. */}
        <style dangerouslySetInnerHTML={{ __html: styles }} />
      </head>
      <body>
        <header>
          <h1>{printable(title)}</h1>
          {first && (
            <p>
              {shortRange(first.range, first.zone)}
              <br />
              Time zone {zoneName(first.zone)}. Made on {clockTime(now, first.zone)} by oscar-usage.
            </p>
          )}
        </header>
        <Completeness reports={reports} />
        {children}
        <section>
          <h2>Definitions</h2>
          <dl>
            {definitionsOf(settings).map(({ word, meaning }) => (
              <div key={word}>
                <dt>{word}</dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </section>
      </body>
    </html>
  );
}

function Completeness({ reports }: Pick<PageFacts, 'reports'>) {
  const isComplete = reports.every((report) => report.isComplete);
  const notices = noticesIn(reports);
  const textsOf = (wanted: 'warning' | 'info') =>
    notices.filter(({ severity }) => severity === wanted).map(({ text }) => text);
  const remarks = textsOf('info');
  return (
    <section className={isComplete ? 'status whole' : 'status doubt'}>
      <p>
        <strong>{isComplete ? 'Complete.' : 'Not complete.'}</strong>{' '}
        {isComplete
          ? 'Every figure is exact for the range.'
          : 'Figures that depend on the following are marked partial, or are missing and left empty; all others are exact:'}
      </p>
      <Notes texts={textsOf('warning')} />
      {remarks.length > 0 && <p>Remarks:</p>}
      <Notes texts={remarks} />
    </section>
  );
}

function Notes({ texts }: { texts: readonly string[] }) {
  return texts.length === 0 ? null : (
    <ul>
      {texts.map((text) => (
        <li key={text}>{printable(text)}</li>
      ))}
    </ul>
  );
}
