import { findVersion, isAtLeast, pinnedVersion, prometheusRelease, reportedVersion } from './versions';

describe('findVersion', () => {
  it.each([
    ['go1.26.8', { major: 1, minor: 26, patch: 8 }],
    ['go1.26', { major: 1, minor: 26, patch: 0 }],
    ['devel', undefined],
  ])('reads %s', (text, expected) => {
    expect(findVersion(text)).toEqual(expected);
  });
});

describe('isAtLeast', () => {
  it.each([
    ['1.26.0', true],
    ['1.27.1', true],
    ['1.25.9', false],
    ['2.0.0', false],
  ])('%s against 1.26: %s', (text, expected) => {
    const version = findVersion(text);
    expect(version && isAtLeast(version, { major: 1, minor: 26 })).toBe(expected);
  });
});

describe('reportedVersion', () => {
  it('reads what the program says', () => {
    const output = 'loki, version 3.7.6 (branch: HEAD, revision: abc)\n  go version: go1.26.8\n';
    expect(reportedVersion('loki', output)).toEqual({ major: 3, minor: 7, patch: 6 });
  });

  it.each(['victoria-metrics-v1.151.0', 'victoria-metrics-20260828-134629-tags-v1.151.0-0-g0123456789'])(
    "reads VictoriaMetrics' own form: %s",
    (output) => {
      expect(reportedVersion('victoria-metrics', output)).toEqual({ major: 1, minor: 151, patch: 0 });
    }
  );

  it('does not take the Go version for the version of a program that has none', () => {
    const output = 'prometheus, version  (branch: , revision: unknown)\n  go version: go1.26.8\n';
    expect(reportedVersion('prometheus', output)).toBeUndefined();
  });

  it('does not accept another program of that name', () => {
    expect(reportedVersion('loki', '0.35.1\n')).toBeUndefined();
  });
});

describe('pinnedVersion', () => {
  const goMod = [
    'module example.com/engines',
    'tool github.com/grafana/loki/v3/cmd/loki',
    'require github.com/a/b v1.0.0',
    'require (',
    '\tgithub.com/grafana/loki/v3 v3.7.6 // indirect',
    ')',
  ].join('\n');

  it('finds a module in a block and in a line of its own', () => {
    expect(pinnedVersion(goMod, 'github.com/grafana/loki/v3')).toBe('3.7.6');
    expect(pinnedVersion(goMod, 'github.com/a/b')).toBe('1.0.0');
  });

  it('says which module is missing', () => {
    expect(() => pinnedVersion(goMod, 'github.com/c/d')).toThrow('does not require github.com/c/d');
  });
});

describe('prometheusRelease', () => {
  it.each([
    ['0.313.5', '3.13.5'],
    ['0.305.0', '3.5.0'],
  ])('module %s is release %s', (moduleVersion, release) => {
    expect(prometheusRelease(moduleVersion)).toBe(release);
  });

  it('refuses a development version', () => {
    expect(() => prometheusRelease('0.312.1-0.20260612131846-2ad3a8717015')).toThrow('not a release');
  });
});
