import { recordOf } from '../../testing/recordedDay';
import { exposedFamily, type LineFamily, requestFamily } from '../expr/logql';
import { settingsFrom } from '../settings';
import { digestOf } from './bytes';
import { differsFrom, patternVersions, shapingSettings } from './patterns';

/** What Loki is asked to count, whatever the options. */
function digestOfFamily(family: (rejected: 'separate' | 'count') => LineFamily): string {
  const texts = (['separate', 'count'] as const).map((rejected) => {
    const { filters, parser, groupBy } = family(rejected);
    return [filters, parser, groupBy];
  });
  return digestOf(JSON.stringify(texts)).slice(0, 16);
}

it('has a version for the patterns of today: a change of them needs a new one, or a look at why it counts alike', () => {
  const options = (rejected: 'separate' | 'count') => ({ namespacePrefix: 'oscar-svc', rejected });
  expect([
    patternVersions.requests,
    digestOfFamily((rejected) => requestFamily('{app="oscar"}', options(rejected))),
  ]).toEqual([1, 'c72c62708a6e41fd']);
  expect([
    patternVersions.exposed,
    digestOfFamily((rejected) => exposedFamily('{app="nginx"}', options(rejected))),
  ]).toEqual([1, '9cadac3f8342dc45']);
});

it('tells by which options and patterns a record was counted', () => {
  const settings = settingsFrom({});
  const record = { ...recordOf([]), settings: shapingSettings('requests', settings) };
  expect(differsFrom(record, settings)).toBeUndefined();
  expect(differsFrom(record, { ...settings, exposedSelector: '{a="b"}' })).toBeUndefined();
  expect(differsFrom(record, { ...settings, requestSelector: '{a="b"}', rejectedRequests: 'count' })).toBe(
    'it was counted with other options: rejectedRequests, requestSelector'
  );
  expect(differsFrom({ ...record, patterns: 0 }, settings)).toBe(
    'it was counted by version 0 of the patterns, and the present one is 1'
  );
});
