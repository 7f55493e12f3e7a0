import { type Rule } from './rule';

interface RosterSubject {
  /** User ids, exact or globs. */
  roster: readonly string[];
}

/** Nobody is known to be a member by name, which is no fault: the rules classify. */
const absent: Rule<RosterSubject> = {
  name: 'roster-absent',
  judge: ({ roster }) =>
    roster.length === 0
      ? [{ effect: 'unusable', note: 'no roster in the options: membership rests on the rules alone' }]
      : [],
};

export const rosterRules: ReadonlyArray<Rule<RosterSubject>> = [absent];
