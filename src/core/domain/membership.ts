import { globMatcher, isGlob } from './glob';
import { LinearPattern } from './pattern';
import { boundedUser, unnamedMember } from './users';

export const memberships = ['member', 'external', 'unknown'] as const;
export type Membership = (typeof memberships)[number];

/** First match wins; `pattern` is a regular expression, searched for in the user (contract rule 9). */
export interface MembershipRule {
  pattern: string;
  membership: Membership;
}

/** Used when the options give no rules (contract rule 9). */
export const defaultMembershipRules: readonly MembershipRule[] = [
  // Subjects of OIDC tokens: a UUID, a long hexadecimal id with or without its issuer, or an address.
  { pattern: '^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$', membership: 'member' },
  { pattern: '^[0-9a-fA-F]{16,}(?:@.+)?$', membership: 'member' },
  { pattern: '^[^@]+@[^@]+$', membership: 'member' },
  // `nil` is a service token; `oscar` is basic authentication, and also what a failed one is logged as.
  { pattern: '^(?:nil|oscar)$', membership: 'external' },
];

/** What the manager says of how a caller authenticated; who ever signed in by OIDC is a member. */
const membershipByAuth: ReadonlyArray<readonly [auth: string, membership: Membership]> = [
  ['oidc', 'member'],
  ['service_token', 'external'],
];

/** Decides the membership of a user who authenticated in these ways (empty where the logs do not say). */
export type MembershipOf = (user: string, auths: Iterable<string>) => Membership;

/** Characters of the users whose membership is remembered; more are decided anew. */
const maxRemembered = 4_000_000;

/**
 * The order of contract rule 9: the way of authentication, then the roster (exact ids or globs), then the rules. A user is
 * compared with the roster and the rules once, in linear time. Throws for a rule that has a `patternProblem`, but for nested quantifiers.
 */
export function membershipClassifier(
  roster: readonly string[],
  rules: readonly MembershipRule[] | undefined
): MembershipOf {
  const compiled = (rules ?? defaultMembershipRules).map(({ pattern, membership }) => ({
    pattern: new LinearPattern(pattern),
    membership,
  }));
  const exact = new Set(roster);
  const globs = roster.filter(isGlob).map(globMatcher);
  const decide = (user: string): Membership =>
    memberships.find((membership) => membership === unnamedMember(user)) ??
    (exact.has(user) || globs.some((matches) => matches(user))
      ? 'member'
      : (compiled.find(({ pattern }) => pattern.isIn(user))?.membership ?? 'unknown'));
  const known = new Map<string, Membership>();
  let characters = 0;
  return (user, auths) => {
    const ways = new Set(auths);
    const byAuth = membershipByAuth.find(([auth]) => ways.has(auth));
    if (byAuth) {
      return byAuth[1];
    }
    const bounded = boundedUser(user);
    let membership = known.get(bounded);
    if (membership === undefined) {
      membership = decide(bounded);
      if (characters > maxRemembered) {
        known.clear();
        characters = 0;
      }
      known.set(bounded, membership);
      characters += bounded.length;
    }
    return membership;
  };
}

/** What decides membership, as the options have it. */
interface MembershipOptions {
  roster: readonly string[];
  membershipRules: readonly MembershipRule[] | undefined;
}

const classifiers = new WeakMap<MembershipOptions, MembershipOf>();

/** The classifier of some options: one for all panels, so that none of them compares a user again. */
export function membershipIn(options: MembershipOptions): MembershipOf {
  const classifier = classifiers.get(options) ?? membershipClassifier(options.roster, options.membershipRules);
  classifiers.set(options, classifier);
  return classifier;
}
