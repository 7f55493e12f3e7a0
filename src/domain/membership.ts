import picomatch from 'picomatch';

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

/**
 * The order of contract rule 9: the way of authentication, then the roster (exact ids or globs), then the rules.
 * Throws a `SyntaxError` for a rule that is no regular expression.
 */
export function membershipClassifier(
  roster: readonly string[],
  rules: readonly MembershipRule[] | undefined
): MembershipOf {
  const compiled = (rules ?? defaultMembershipRules).map(({ pattern, membership }) => ({
    expression: new RegExp(pattern),
    membership,
  }));
  const exact = new Set(roster);
  // In a user id `/` and a leading `.` have no meaning, and of a glob's signs only `*`, `?` and `[…]` are meant.
  const globs = roster.filter((entry) => /[*?[]/.test(entry));
  const isOnRoster =
    globs.length > 0
      ? picomatch(globs, { bash: true, dot: true, noextglob: true, nobrace: true, nonegate: true })
      : () => false;
  return (user, auths) => {
    const known = new Set(auths);
    const byAuth = membershipByAuth.find(([auth]) => known.has(auth));
    if (byAuth) {
      return byAuth[1];
    }
    if (exact.has(user) || isOnRoster(user)) {
      return 'member';
    }
    return compiled.find(({ expression }) => expression.test(user))?.membership ?? 'unknown';
  };
}

/** Says what is wrong with the pattern of a rule; undefined when nothing is. An empty one would match everybody. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.trim() === '') {
    return ' must not be empty: it would match everybody';
  }
  try {
    new RegExp(pattern);
    return undefined;
  } catch (error) {
    return `: ${(error as Error).message}`;
  }
}
