import fc from 'fast-check';

import { parseRequest } from '../../src/core/domain/requestLine';
import { invalidService, isServiceName } from '../../src/core/domain/serviceName';
import { maxUserCharacters, tooLongUser } from '../../src/core/domain/users';
import { nameRules } from '../../src/core/evidence/nameRules';
import { judgeAll } from '../../src/core/evidence/rule';
import { requestFamily } from '../../src/core/expr/logql';
import { buildCell } from '../../src/core/requests/cell';
import { KeyTable } from '../../src/core/requests/keyTable';
import { growsTooFast } from '../../src/testing/steps';
import { textWork } from '../../src/testing/textWork';
import { demand, demandEqual, type FuzzProperty, property } from './property';
import { nastyText, pump, pumped } from './texts';

const namespacePrefix = 'oscar-svc';
const newTable = () => new KeyTable((text) => parseRequest(text, namespacePrefix), 'auth_method');
const works = Object.entries(textWork);
const anyWork = fc.constantFrom(...works);
const extract = requestFamily('{a="b"}', { namespacePrefix, rejected: 'count' }).extract ?? (() => '');

/** What stands before what is repeated, and what is: a few of each, so that a run can try them all. */
const heads = ['', '{a="b"', '{{', 'POST    /job/a', '[GIN-EXECUTIONS-LOGGER] 2026 | 200 | 1ms | ::1 | POST    /job/a'];
const units = [' ', '\r', '\n', '"', '\\"', " '", '{', '{{ ', '| ', 'a', '0', ',', '-a', '.'];

const fields = fc.record({ path: nastyText, user: nastyText, status: fc.constantFrom('200', '404', '502', '20') });

export const lineProperties: readonly FuzzProperty[] = [
  property('nothing that reads a text fails at one', 4, fc.tuple(anyWork, nastyText), ([[, work], text]) => {
    work(text);
  }),
  property(
    'nothing that reads a text takes more than linear time',
    2,
    fc.tuple(anyWork, pumped),
    ([[, work], form]) => {
      demand(!growsTooFast(work, (times) => pump(form, times), 30), 'it grows too fast');
    }
  ),
  property(
    'nothing that reads a text takes more than linear time for what is repeated in it',
    0.3,
    // Few enough that some hundred runs try them all, whatever they are drawn from.
    fc.tuple(fc.constantFrom(...heads), fc.constantFrom('x', 'x}', '', '\n')),
    ([head, tail]) => {
      for (const [name, work] of works) {
        for (const unit of units) {
          const grows = growsTooFast(work, (times) => pump({ head, unit, tail }, times), 30);
          demand(!grows, `${name} grows too fast with ${JSON.stringify(unit)}`);
        }
      }
    }
  ),
  property('a line gives a request that is well-formed, or none', 4, fields, ({ path, user, status }) => {
    const line = `[GIN-EXECUTIONS-LOGGER] 2026-10-01T00:00:00Z | ${status} |   1ms | ::1 | POST    /job/${path} | ${user}`;
    const request = parseRequest(extract(line), namespacePrefix);
    if (request) {
      const { service, type } = request;
      demand(type === '' || service === invalidService || isServiceName(service), `service ${service}`);
      demand(type === '' || request.user !== '', 'a request without a user');
    }
  }),
  property(
    'a line of plain fields is read as it was written',
    2,
    fc.tuple(fc.stringMatching(/^[a-z]([-a-z0-9]{0,9}[a-z0-9])?$/), fc.stringMatching(/^[^\s|"\\[]{1,20}$/)),
    ([service, user]) => {
      const line = `[GIN-EXECUTIONS-LOGGER] 2026-10-01T00:00:00Z | 201 |   1ms | ::1 | POST    /job/${service} | ${user}`;
      const request = parseRequest(extract(line), namespacePrefix);
      demandEqual([request?.service, request?.user], [service, user.trim()], 'service and user');
    }
  ),
  property(
    'users with long ids are one, and said to be',
    1,
    fc.tuple(nastyText, fc.integer({ min: 0, max: 3000 })),
    ([text, length]) => {
      const table = newTable();
      const user = `u${text.replace(/[|\s]/g, '')}${'x'.repeat(length)}`;
      const cell = buildCell({ start: 0, end: 1 }, [{ text: `POST /job/a | ${user}`, labels: {}, count: 2 }], table);
      const isLong = [...user].length > maxUserCharacters;
      const findings = judgeAll(nameRules, { cells: [cell], table });
      demandEqual(table.dictionary('user').names.includes(tooLongUser), isLong, 'too long');
      demandEqual(
        findings.map(({ effect }) => effect),
        isLong ? ['doubt'] : [],
        'findings'
      );
      demandEqual([...cell.counts], [2], 'counts');
    }
  ),
  property(
    'names without end neither take memory without end nor lose a request',
    0.05,
    fc.integer({ min: 1, max: 1e6 }),
    (salt) => {
      const bounds = { names: 50, characters: 5000 };
      const table = new KeyTable((text) => parseRequest(text, namespacePrefix), 'auth_method', {
        dictionary: bounds,
        keys: 90,
      });
      const empty = table.bytes;
      const groups = Array.from({ length: 200 }, (_, index) => ({
        text: `POST /job/s${salt}-${index % 70} | u${index * salt}`,
        labels: { country: `c${index}` },
        count: 1,
      }));
      const cell = buildCell({ start: 0, end: 1 }, groups, table);
      demandEqual(
        cell.counts.reduce((sum, count) => sum + count, 0),
        200,
        'requests'
      );
      demand(table.dictionary('user').names.length <= bounds.names + 1 && table.size <= 120, 'names');
      demandEqual(judgeAll(nameRules, { cells: [cell], table }).length, 1, 'findings');
      table.forgetTexts();
      demand(table.bytes - empty < 200_000, 'memory');
    }
  ),
  property('long texts are not remembered', 0.2, fc.integer({ min: 513, max: 20_000 }), (length) => {
    const table = newTable();
    const read = (index: number) => table.idOf(`POST /job/${String(index).padStart(length, 'A')} | u`, {});
    read(0);
    const before = table.bytes;
    Array.from({ length: 20 }, (_, index) => read(index));
    demandEqual(table.bytes, before, 'memory');
  }),
  property('texts are remembered by their size', 0.01, fc.integer({ min: 400, max: 500 }), (length) => {
    const table = newTable();
    let largest = 0;
    for (let index = 0; index < 30_000; index += 1) {
      table.idOf(`POST /job/${String(index).padStart(length, 'A')} | u`, {});
      largest = Math.max(largest, table.bytes);
    }
    demand(largest < 11_000_000, `${largest} bytes`);
  }),
];
