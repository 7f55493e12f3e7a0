import { type AnnotationEvent, type DataFrame, FieldType, toCSV } from '@grafana/data';
import fc from 'fast-check';

import { type CompletenessEntry } from '../../src/core/completeness/notices';
import { usersCell } from '../../src/core/domain/users';
import { narrowed, quoteLogql, selectorProblem, valueMatcher } from '../../src/core/expr/logql';
import { expandTemplate, ofPods } from '../../src/core/expr/promql';
import { escapeRegex } from '../../src/core/expr/regex';
import { plainCell, safeCell } from '../../src/core/reports/table';
import { annotationSupport } from '../../src/grafana/annotations/annotationSupport';
import { gapFrames } from '../../src/grafana/frames/gapFrame';
import { readCsv } from './csv';
import { demand, demandEqual, type FuzzProperty, property } from './property';
import { nastyText } from './texts';

/** A string literal of PromQL or LogQL, from its quote on. */
const literal = /^"(?:[^"\\\n]|\\[\\"n])*"/;
const formula = /^[=+\-@\t\r\n＝＋－＠﹦﹢﹣﹫]/;

/** The text that a literal of PromQL stands for. */
function unescaped(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign));
}

function entryWith(text: string): CompletenessEntry {
  const [from, to] = ['2026-10-01T00:00:00.000Z', '2026-10-01T23:59:59.999Z'];
  return {
    source: `usage${text}`,
    status: 'missing',
    coverage_percent: 0,
    covered_from: null,
    covered_to: null,
    last_updated: from,
    affected_metrics: [],
    notes: [text],
    missing: [{ from, to, kind: 'unread', note: text }],
    doubted: [{ from: '2026-10-02T00:00:00.000Z', to: '2026-10-02T11:59:59.999Z' }],
    oldest_data: null,
    last_data: null,
  };
}

const textsOf = (frames: readonly DataFrame[]) =>
  frames.flatMap(({ fields }) =>
    fields.filter(({ name }) => name === 'text' || name === 'title').flatMap(({ values }) => values.map(String))
  );

function demandNoMarkup(text: string): void {
  demand(!/[<>"']/.test(text) && !/&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)/.test(text), `markup in ${text}`);
}

export const escapeProperties: readonly FuzzProperty[] = [
  property('LogQL: a text stays inside its literal', 2, nastyText, (text) => {
    demandEqual(JSON.parse(quoteLogql(text)), text, 'the literal');
    demand(!quoteLogql(text).includes('\n'), 'a line end in the literal');
  }),
  property(
    'LogQL: values stay one matcher, and match themselves',
    2,
    fc.tuple(nastyText, nastyText),
    ([value, other]) => {
      const matcher = valueMatcher('country', [value, other], true);
      demandEqual(selectorProblem(narrowed('{a="b"}', matcher)), undefined, 'the selector');
      const pattern = String(JSON.parse(matcher.slice('country=~'.length)));
      const matches = (text: string) => new RegExp(`^(?:${pattern})$`, 's').test(text);
      demand(matches(value) && matches(other), 'a value does not match itself');
      demand(matches(`${value}x`) === (`${value}x` === other), 'it matches another value');
    }
  ),
  property('PromQL: a namespace stays a prefix inside its literal', 2, nastyText, (namespace) => {
    const start = 'x{namespace=~';
    const filled = expandTemplate(`${start}"{{services_namespace}}.*"}`, { servicesNamespace: namespace, windowMs: 1 });
    const [own = ''] = literal.exec(filled.slice(start.length)) ?? [];
    demandEqual(filled, `${start}${own}}`, 'the query');
    const matches = (text: string) => new RegExp(`^(?:${unescaped(own)})$`, 's').test(text);
    demand(
      matches(namespace) && matches(`${namespace}-a`) && (namespace === '' || !matches('')),
      'it matches something else'
    );
  }),
  property(
    'PromQL: names of pods stay inside their literal',
    2,
    fc.array(nastyText, { minLength: 1, maxLength: 3 }),
    (pods) => {
      const matcher = ofPods(pods);
      const [own = ''] = literal.exec(matcher.slice(',pod=~'.length)) ?? [];
      demandEqual(matcher, `,pod=~${own}`, 'the matcher');
      const expression = new RegExp(`^(?:${unescaped(own)})$`, 's');
      demand(
        pods.every((pod) => expression.test(pod)),
        'a pod does not match itself'
      );
    }
  ),
  property('RE2: a text matches itself and nothing else', 2, fc.tuple(nastyText, nastyText), ([text, other]) => {
    demandEqual(new RegExp(`^(?:${escapeRegex(text)})$`).test(other), text === other, 'matched');
    demand(new RegExp(`^(?:${escapeRegex(text)})$`).test(text), 'it does not match itself');
  }),
  property('templates: every placeholder is filled, or named as unknown', 2, nastyText, (template) => {
    try {
      const filled = expandTemplate(template, { servicesNamespace: '$&{{range}}', windowMs: 5 });
      demand(!template.includes('{{range}}') || filled.includes('5ms'), 'a placeholder is left');
    } catch (error) {
      demand(/^(?:unknown placeholder|a placeholder)/.test((error as Error).message), (error as Error).message);
    }
  }),
  property(
    'CSV: no cell begins a formula, and each can be read again',
    2,
    fc.tuple(nastyText, fc.constantFrom('', '=', '＝', '＋', '－', '＠', '\n', '\t', '@')),
    ([rest, start]) => {
      const text = start + rest;
      const cell = String(safeCell(text));
      demand(!formula.test(cell), `the cell begins with ${JSON.stringify(cell.slice(0, 1))}`);
      demandEqual(text.startsWith("'") ? text : plainCell(cell), text, 'the text');
    }
  ),
  property(
    'CSV: a file has the cells of its table',
    0.5,
    fc.array(nastyText, { minLength: 1, maxLength: 4 }),
    (texts) => {
      // A carriage return is a line end to some readers, inside quotes too.
      const cells = texts.map((text) => String(safeCell(text.replace(/[\r\0\ud800]/g, ''))));
      const field = (name: string) => ({ name, type: FieldType.string, config: {}, values: cells });
      const read = readCsv(toCSV([{ length: cells.length, fields: [field('a'), field('b')] }]));
      demandEqual(read, [['a', 'b'], ...cells.map((cell) => [cell, cell])], 'the file');
    }
  ),
  property(
    'CSV: a cell of users keeps them apart',
    2,
    fc.array(
      nastyText.filter((text) => text !== ''),
      { minLength: 1, maxLength: 5 }
    ),
    (users) => {
      const parts = usersCell(users).split('|');
      demandEqual(parts.length, users.length, 'users');
      demandEqual(
        parts.map((part) => part.replace(/%7C/g, '|').replace(/%25/g, '%')),
        users,
        'the users'
      );
    }
  ),
  property('HTML: regions of gaps hold no markup', 1, nastyText, (text) => {
    const entry = entryWith(text);
    const texts = textsOf(gapFrames([entry], 'A'));
    demandEqual(texts.length, 4, 'texts');
    texts.forEach(demandNoMarkup);
    const frame = { length: 0, fields: [], meta: { custom: { completeness: [entry] } } } as unknown as DataFrame;
    const annotation = { name: 'gaps', enable: true, iconColor: 'red' };
    const events: AnnotationEvent[] = [];
    annotationSupport.processEvents?.(annotation, [frame]).subscribe((found) => events.push(...(found ?? [])));
    demandEqual(events.length, 2, 'events');
    events.forEach(({ title, text: own }) => [title, own].forEach((shown) => demandNoMarkup(String(shown))));
  }),
];
