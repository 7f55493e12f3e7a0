import { createParameters, fingerprintOf, parseTrafficArguments, startOf } from './parameters';

const now = Date.parse('2026-06-15T10:20:30Z');

describe('createParameters', () => {
  it('ends at the start of the current hour', () => {
    const parameters = createParameters({ days: 2 }, now);
    expect(new Date(parameters.end).toISOString()).toBe('2026-06-15T10:00:00.000Z');
    expect(new Date(startOf(parameters)).toISOString()).toBe('2026-06-13T10:00:00.000Z');
  });

  it.each([
    [{ days: 0 }, '--days must be a whole number from 1 to 3650, not 0'],
    [{ lines: 1.5 }, '--lines must be a whole number'],
    [{ scrapeSeconds: 600 }, '--scrape-seconds must be a whole number from 15 to 240'],
    [{ end: now }, '--end must be a whole hour'],
    [{ end: NaN }, '--end must be a whole hour'],
  ])('refuses %j', (given, message) => {
    expect(() => createParameters(given, now)).toThrow(message);
  });
});

describe('parseTrafficArguments', () => {
  it('gives only what was given', () => {
    const { given, options } = parseTrafficArguments(
      ['--lines', '10', '--end', '2026-06-01T02:00:00+02:00', '--fast'],
      {
        fast: { type: 'boolean' },
      }
    );
    expect(given).toEqual({ lines: 10, end: Date.parse('2026-06-01T00:00:00Z') });
    expect(options.fast).toBe(true);
  });

  it('names the valid options when one is unknown', () => {
    expect(() => parseTrafficArguments(['--line', '10'])).toThrow(
      /--days --lines .* --scrape-seconds --invented --end/
    );
  });

  it('does not take an instant without a time zone', () => {
    const { given } = parseTrafficArguments(['--end', '2026-06-01T00:00:00']);
    expect(() => createParameters(given, now)).toThrow('--end must be a whole hour');
  });

  it('refuses a number that is none', () => {
    const { given } = parseTrafficArguments(['--users', 'many']);
    expect(() => createParameters(given, now)).toThrow('--users must be a whole number');
  });
});

describe('fingerprintOf', () => {
  it('depends on every parameter', () => {
    const parameters = createParameters({}, now);
    const prints = [
      parameters,
      ...Object.entries(parameters).map(([name, value]) => ({ ...parameters, [name]: value + 3_600_000 })),
    ].map(fingerprintOf);
    expect(new Set(prints).size).toBe(prints.length);
    expect(fingerprintOf({ ...parameters })).toBe(prints[0]);
  });
});
