export type Membership = 'member' | 'external' | 'unknown';

/** First match wins; `pattern` is a regular expression that must match the whole user (contract rule 9). */
export interface MembershipRule {
  pattern: string;
  membership: Membership;
}
