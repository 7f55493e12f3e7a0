import { commonLogStamp, goDuration, rfc3339, slashStamp } from './formats';

const time = Date.parse('2026-01-20T09:34:35.007Z');

it('writes stamps as the programs do', () => {
  expect(slashStamp(time)).toBe('2026/01/20 - 09:34:35');
  expect(commonLogStamp(time)).toBe('20/Jan/2026:09:34:35 +0000');
  expect(rfc3339(time, 120, 9)).toBe('2026-01-20T09:34:35.00700012Z');
  expect(rfc3339(time, 120, 6)).toBe('2026-01-20T09:34:35.007Z');
  expect(rfc3339(time, 120, 0)).toBe('2026-01-20T09:34:35Z');
});

it.each([
  [999, '999ns'],
  [11_548, '11.548µs'],
  [14_219_292, '14.219292ms'],
  [1_455_744_552, '1.455744552s'],
  [63_200_000_000, '1m3.2s'],
])('writes %i ns as %s', (nanoseconds, expected) => {
  expect(goDuration(nanoseconds)).toBe(expected);
});
