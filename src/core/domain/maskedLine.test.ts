import fc from 'fast-check';

import { ingressForms, managerForms } from '../../testing/lineForms';
import { maskedLine } from './maskedLine';

it.each([
  [
    '[GIN-EXECUTIONS-LOGGER] 2026-05-28T16:53:34.120493Z | 200 |  347.805334ms | 172.25.0.1 | POST    /run/simple-test | alice@egi.eu',
    '[GIN-EXECUTIONS-LOGGER] 2026-05-28T16:53:34.120493Z | 200 |  347.805334ms | … | POST    /run/… | …',
  ],
  [
    '2026-01-20T09:34:35.919996606Z stderr F [GIN-EXECUTIONS-LOGGER] 2026/01/20 - 09:34:35 | 201 |  1m4.5s | 2001:db8::7 | POST    /job/yolo',
    '2026-01-20T09:34:35.919996606Z stderr F [GIN-EXECUTIONS-LOGGER] 2026/01/20 - 09:34:35 | 201 |  1m4.5s | …:…::… | POST    /job/…',
  ],
  [
    '203.0.113.9 - bob [15/Jun/2026:12:30:00 +0000] "GET /system/services/seg/exposed/x?token=abc HTTP/1.1" 200 17 "-" "curl/8.7.1"',
    '… … … [15/Jun/2026:12:30:00 +0000] "GET /system/services/…/exposed… HTTP/1.1" 200 … "…" "…"',
  ],
  [
    '{"ClientHost":"203.0.113.9","RequestPath":"/system/services/seg/exposed","ClientUsername":"bob","x":1}',
    '{"ClientHost":"…","RequestPath":"/system/services/…/exposed","ClientUsername":"…","…":…}',
  ],
])('keeps the form of a line and nothing of anybody: %s', (line, form) => {
  expect(maskedLine(line)).toBe(form);
});

const somebody = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.emailAddress(),
  fc.uuid(),
  fc.stringMatching(/^[0-9a-f]{16,64}@egi\.eu$/),
  fc
    .stringMatching(/^[a-z]{4,12}$/)
    .filter((word) => !['http', 'exposed', 'stdout', 'stderr', 'time', 'level', 'message'].includes(word)),
  fc.stringMatching(/^[0-9]{4,12}$/)
);

/** Parts of a name or address that would tell somebody: of an IPv6 address the groups are too short to look for. */
const tellingParts = (text: string) => text.split(/[^\p{L}\p{N}]+/u).filter((part) => part.length > 3);

it('shows nobody, wherever in a line of whatever form somebody stands', () => {
  const lines = [...managerForms, ...ingressForms].map(({ line }) => line);
  fc.assert(
    fc.property(
      fc.constantFrom(...lines),
      somebody,
      fc.nat(),
      fc.constantFrom(' ', '|', '"', '/', '', '='),
      (line, who, at, around) => {
        const place = at % (line.length + 1);
        const form = maskedLine(`${line.slice(0, place)}${around}${who}${around}${line.slice(place)}`);
        // A zone belongs to its time: what is glued to a fraction of a second may read as one.
        const times =
          /\d{4}[-/]\d{2}[-/]\d{2}|\d{2}:\d{2}:\d{2}(?:\.\d+)?(?: ?[-+]\d{4})?|\d+(?:\.\d+)?(?:ns|µs|ms|s|m|h)/g;
        // Digits that every line has, such as those of a time zone, tell nobody.
        const own = maskedLine(line);
        for (const part of tellingParts(who).filter((text) => !own.includes(text))) {
          expect(form.replace(times, '')).not.toContain(part);
        }
        expect(form).not.toMatch(/192\.0\.2|example\.org|curl|Mozilla/);
      }
    ),
    { numRuns: 2000 }
  );
});

it('takes time in proportion to the line, at most', () => {
  const shown = (line: string) => maskedLine(line).length;
  for (const piece of ['|', '| ', '1', '1.', '1ms', '"', ' ', '/', '/exposed', '[GIN', '2026-', 'é', '😀', '\ud800']) {
    expect(shown(piece.repeat(50_000))).toBeLessThanOrEqual(2000);
  }
});
