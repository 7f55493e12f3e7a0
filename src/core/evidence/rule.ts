import { type Finding } from '../completeness/findings';
import { type Span } from '../domain/span';

/** One rule of evidence: what it concludes about a source from what is known. Pure. */
export interface Rule<Subject> {
  /** Unique; named by the mutation check, which takes rules out one by one. */
  name: string;
  judge(subject: Subject): Finding[];
}

/** What all rules conclude, in the order of the rules. */
export function judgeAll<Subject>(rules: ReadonlyArray<Rule<Subject>>, subject: Subject): Finding[] {
  return rules.flatMap((rule) => rule.judge(subject));
}

/** A finding about spans, unless there are none. */
export function about(finding: Finding & { spans: readonly Span[] }): Finding[] {
  return finding.spans.length > 0 ? [finding] : [];
}
