import { settingsFrom } from '../settings';
import { rosterRules } from './rosterRules';
import { judgeAll } from './rule';

it('has nothing to say about a roster, and says that there is none', () => {
  expect(judgeAll(rosterRules, settingsFrom({ roster: ['a@b'] }))).toEqual([]);
  expect(judgeAll(rosterRules, settingsFrom({}))).toEqual([
    { effect: 'unusable', note: expect.stringContaining('no roster') },
  ]);
});
