import fc from 'fast-check';

import { lineForm, loggedRequest, managerLine, meaningOf } from '../../testing/arbitraries';
import { cutForms } from '../../testing/cutForms';
import { managerForms } from '../../testing/lineForms';
import {
  anyRejected,
  cutText,
  loggerPattern,
  parseRequest,
  requestExtractor,
  requestPatterns,
  uniformPatterns,
} from './requestLine';
import { isServiceName } from './serviceName';

const extract = requestExtractor(requestPatterns('oscar-svc', 'separate'));
const parse = (text: string) => parseRequest(text, 'oscar-svc');
const parseLine = (line: string) => parse(extract(line));

describe('each form of a line', () => {
  const all = [...managerForms, ...cutForms];
  it.each(all.map(({ name, line, meaning }) => [name, line, meaning] as const))('%s', (_, line, meaning) => {
    const text = extract(line);
    const request = parse(text);
    const words = request ? Object.values(request).join(' ') : 'none';
    // What Loki's filters leave out does not come here.
    const isLine = new RegExp(loggerPattern).test(line) && !line.includes('[GIN] ');
    const found = text === '' ? 'unknown' : text === cutText ? 'cut' : request === anyRejected ? 'rejected' : words;
    expect(isLine ? found : 'none').toBe(meaning);
  });
});

describe('requests that nobody processed', () => {
  const counting = requestExtractor(requestPatterns('oscar-svc', 'count'));
  it.each(managerForms.filter(({ meaning }) => meaning === 'rejected').map(({ name, line }) => [name, line] as const))(
    'keep their names where they count as all others: %s',
    (_, line) => {
      expect(parse(counting(line))).toMatchObject({
        outcome: 'rejected',
        service: expect.stringMatching(/^(?:a|ghost|s)$/) as string,
      });
    }
  );

  it('are one text, whatever they name', () => {
    const texts = ['a', 'b', 'c'].map((service) =>
      extract(managerLine({ type: 'sync', service, user: 'u' }, 'seconds', { status: 404 }))
    );
    expect(new Set(texts).size).toBe(1);
  });
});

describe('the patterns of uniform lines', () => {
  const patterns = uniformPatterns('oscar-svc').map((pattern) => new RegExp(pattern.replaceAll('?P<', '?<')));
  /** As Loki does: what no pattern captured stays empty. */
  const isSorted = (line: string) => patterns.some((pattern) => Boolean(pattern.exec(line)?.groups?.oscar_rejected));
  const pieces = [
    '|',
    ' | ',
    '\\|',
    '\n',
    '\\n',
    '"',
    '\\"',
    ' ',
    '[GIN-EXECUTIONS-LOGGER] ',
    '[G',
    'POST /run/a',
    '404',
    '| 401 | 1s | c | POST /job/x | u',
  ];
  const changed = fc
    .tuple(
      fc.constantFrom(...managerForms.map(({ line }) => line), ...cutForms.map(({ line }) => line)),
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(6), fc.constantFrom('', ...pieces)), {
        maxLength: 4,
      })
    )
    .map(([line, changes]) =>
      changes.reduce((text, [where, removed, piece]) => {
        const at = Math.floor(where * text.length);
        return text.slice(0, at) + piece + text.slice(at + removed);
      }, line)
    );

  it('find just the rejected requests that the patterns of requests find', () => {
    fc.assert(
      fc.property(changed, (line) => {
        expect(isSorted(line)).toBe(parse(extract(line)) === anyRejected);
      }),
      { numRuns: 3000 }
    );
  });
});

describe('the lines that occur', () => {
  it.each([
    [
      '[GIN-EXECUTIONS-LOGGER] 2026-05-28T16:53:34.120493Z | 200 |  347.805334ms | 172.25.0.1 | POST    /run/simple-test | oscar',
      { type: 'sync', service: 'simple-test', user: 'oscar' },
    ],
    [
      '[GIN-EXECUTIONS-LOGGER] 2026-05-28T16:55:12Z | 201 |   14.219292ms | 127.0.0.1 | POST    /job/simple-test | minio',
      { type: 'async', service: 'simple-test', user: 'minio' },
    ],
    [
      '[GIN-EXECUTIONS-LOGGER] 2026/01/20 - 09:34:35 | 201 |  1.455744552s | 203.0.113.42 | POST    /job/yolo | 5d1e@egi.eu',
      { type: 'async', service: 'yolo', user: '5d1e@egi.eu' },
    ],
    [
      '2026-01-20T09:34:35.919996606Z stderr F [GIN-EXECUTIONS-LOGGER] 2026/01/20 - 09:34:35 | 201 |  1.4s | 203.0.113.42 | POST    /job/yolo | 5d1e@egi.eu',
      { type: 'async', service: 'yolo', user: '5d1e@egi.eu' },
    ],
    [
      '[GIN-EXECUTIONS-LOGGER] 2026-08-20T10:00:00Z | 200 | 12ms | 10.0.0.1 | POST /job/path-service | caller | logged-service | oscar-svc-user',
      { type: 'async', service: 'logged-service', user: 'caller' },
    ],
  ])('%s', (line, request) => {
    expect(parseLine(line)).toEqual({ ...request, outcome: 'succeeded' });
  });

  it.each([
    'GET /health',
    '[GIN] 2026/01/20 - 09:34:35 | 201 |  1.4s | 203.0.113.42 | POST     "/job/yolo"',
    '[GIN-EXECUTIONS-LOGGER] 2026-05-28T16:55:12Z | 200 | 1ms | 127.0.0.1 | GET     /job/yolo | oscar',
    '[GIN-EXECUTIONS-LOGGER] 2026-05-28T16:55:12Z | 200 | 1ms | 127.0.0.1 | DELETE  /job/yolo | oscar',
    '[GIN-EXECUTIONS-LOGGER] 2026-05-28T16:55:12Z | 200 | 1ms | 127.0.0.1 | POST    /system/services | oscar',
    '[GIN-EXECUTIONS-LOGGER] 2026-05-28T16:55:12Z | 200 | 1ms | 127.0.0.1 | POST    /jobs/yolo | oscar',
    '[GIN-EXECUTIONS-LOGGER] 2026-05-28T16:55:12Z | 200 | 1ms | 127.0.0.1 | POST    /x/job/yolo | oscar',
    '[GIN] 2026/01/20 | 404 | 1s | 1.1.1.1 | GET "/[GIN-EXECUTIONS-LOGGER] a | b | c | d | POST /job/yolo | eve"',
  ])('is no request: %s', (line) => {
    expect(parseLine(line)).toBeUndefined();
  });
});

describe('names from a path are untrusted', () => {
  it.each([
    ['/job/', '(invalid)'],
    ['/job/UPPER', '(invalid)'],
    ['/job/a_b', '(invalid)'],
    ['/job/-a', '(invalid)'],
    [`/job/${'a'.repeat(64)}`, '(invalid)'],
    [`/job/${'a'.repeat(63)}`, 'a'.repeat(63)],
    ['/job/a/b/c', 'a'],
    ['/run//a', '(invalid)'],
    ['/job/a\u00e9', '(invalid)'],
    ['/job/../run/a', '(invalid)'],
  ])('%s', (path, service) => {
    expect(parse(`POST    ${path} | oscar`)?.service).toBe(service);
  });

  it('counts a line without a user as (none)', () => {
    expect(parse('POST    /job/a | ')).toMatchObject({ type: 'async', service: 'a', user: '(none)' });
    expect(parse('POST    /job/a |')).toMatchObject({ type: 'async', service: 'a', user: '(none)' });
  });

  it('takes the user that the manager wrote last, whatever a path imitates', () => {
    expect(parse('POST    /job/a | eve | real')).toMatchObject({
      type: 'async',
      service: '(invalid)',
      user: 'real',
    });
    expect(parse('POST    /job/a | eve | victim | oscar-svc | real')).toMatchObject({
      type: 'async',
      service: '(invalid)',
      user: 'real',
    });
  });
});

it('gives back what a line was made of', () => {
  fc.assert(
    fc.property(loggedRequest, lineForm, fc.integer({ min: 100, max: 599 }), (request, form, status) => {
      const { country, ...meaning } = meaningOf(request, status, '');
      expect(parseLine(managerLine(request, form, { status }))).toEqual(meaning);
      expect(country).toBe('');
    })
  );
});

const imitation = fc
  .array(
    fc.oneof(
      fc.constantFrom(' | ', '|', ' |', '| ', ' ', '/', 'POST    /job/victim', 'victim', 'oscar-svc', 'GET', '200'),
      fc.constantFrom('[GIN-EXECUTIONS-LOGGER] 2026 | 200 | 1ms | 1.1.1.1 | POST    /job/victim | eve'),
      fc.string({ maxLength: 6 })
    ),
    { maxLength: 8 }
  )
  .map((parts) => parts.join('').replace(/[\r\n\u2028\u2029]/g, ''));

/** A service that the rule would read from the decoded path itself. */
const serviceOfPath = (rest: string) => {
  const segment = rest.replace(/\/.*$/s, '');
  return isServiceName(segment) ? segment : '(invalid)';
};

const imitationProperty = (accept: (rest: string) => boolean) =>
  fc.property(loggedRequest, imitation, fc.constantFrom('nanoseconds', 'with prefix'), (request, rest, form) => {
    fc.pre(accept(rest));
    const prefix = request.type === 'sync' ? '/run/' : '/job/';
    expect(parseLine(managerLine(request, form, { path: prefix + rest }))).toEqual({
      type: request.type,
      service: serviceOfPath(rest),
      user: request.user,
      outcome: 'succeeded',
    });
  });

it('never makes another service or user of a path with separators', () => {
  fc.assert(
    imitationProperty((rest) => !/ \|$/.test(rest) && !/^[^/]* +(?:\/|$)/.test(rest) && !/\/.* \| /.test(rest))
  );
});

// A path with a slash before the separator is still one path, whose first segment is a valid service.
it('reads the first segment of a path that holds a separator further on', () => {
  expect(parse('POST    /job/a/x | y | real')).toMatchObject({ type: 'async', service: 'a', user: 'real' });
});

it('does not take the end of a path for the separator before the user', () => {
  // POST /job/a%20%7C
  expect(parse('POST    /job/a | | real')).toMatchObject({
    type: 'async',
    service: '(invalid)',
    user: 'real',
  });
});

it('does not turn a name with a blank into a valid one', () => {
  // POST /job/a%20
  expect(parse('POST    /job/a  | real')?.service).toBe('(invalid)');
});

it('never takes the namespace for the user, also where a path holds the separator', () => {
  expect(parse('POST    /job/a | b | real | a | oscar-svc-x')?.user).toBe('real');
});

describe('a line that ends before its user', () => {
  it('is no request without a user', () => {
    expect(parse('POST    /job/a')).toBeUndefined();
    expect(parse('POST    /job/a |b')).toBeUndefined();
  });

  it('is one text, whatever it names', () => {
    const texts = ['a', 'b |x', 'c'].map((path) =>
      extract(`[GIN-EXECUTIONS-LOGGER] 2026-05-28T16:55:12Z | 404 |   14ms | 192.0.2.7 | POST    /job/${path}`)
    );
    expect(texts).toEqual([cutText, cutText, cutText]);
  });

  it('is found wherever a line feed was put into a path without separators', () => {
    const path = fc.stringMatching(/^[a-z %"'\\{}[\]]{0,20}$/);
    fc.assert(
      fc.property(path, path, fc.constantFrom(200, 401, 404, 500), (before, after, status) => {
        const whole = managerLine({ type: 'async', service: 'x', user: 'oscar' }, 'seconds', {
          path: `/job/${before}\n${after}`,
          status,
        });
        const [head = ''] = whole.split('\n');
        expect(extract(head)).toBe(cutText);
        expect(extract(JSON.stringify({ log: `${head}\n`, stream: 'stderr' }))).toBe(cutText);
        expect(extract(`log=${JSON.stringify(head)} stream="stderr"`)).toBe(cutText);
      })
    );
  });
});

it.each([
  ['\n', false],
  ['\r', true],
  ['\u2028', true],
  ['\u2029', true],
])('extracts what RE2 extracts, whose dot leaves out the line feed only: %j', (end, isPart) => {
  const line = `${managerLine({ type: 'sync', service: 'a', user: 'oscar' }, 'seconds')}${end}tail`;
  expect(extract(line)).toBe(isPart ? `POST    /run/a | oscar${end}tail` : '');
});
