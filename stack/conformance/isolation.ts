import { UserError } from '../lib/errors';
import { type ConformanceCase } from './caseFile';

/** The stream label that keeps the cases of one Loki apart. */
export const caseLabel = 'oscar_case';

/** The labels of the two kinds of streams, and the options' default selectors for them. */
export const streamDefaults = {
  manager: { namespace: 'oscar', app: 'oscar' },
  ingress: { namespace: 'ingress-nginx', app: 'ingress-nginx' },
} as const;
const defaultSelectors = {
  requestSelector: '{namespace="oscar", app="oscar"}',
  exposedSelector: '{namespace=~"ingress-nginx|traefik", app=~"ingress-nginx|traefik"}',
};

/** The case's options with selectors that find the case's own lines only. An empty selector stays: it means "not collected". */
export function isolatedOptions(testCase: ConformanceCase, caseId: string): Record<string, unknown> {
  const options: Record<string, unknown> = { ...defaultSelectors, ...testCase.options };
  for (const key of ['requestSelector', 'exposedSelector'] as const) {
    const selector = options[key];
    if (typeof selector === 'string' && selector.trim() !== '') {
      options[key] = withMatcher(selector, `${caseLabel}="${caseId}"`);
    }
  }
  return options;
}

/** Adds a matcher to a LogQL stream selector; braces within quoted values are values. Throws a UserError without one. */
export function withMatcher(selector: string, matcher: string): string {
  const parts = /^(\s*\{)((?:"(?:[^"\\]|\\.)*"|`[^`]*`|[^"`}])*)(\}.*)$/s.exec(selector);
  const [, open, matchers, rest] = parts ?? [];
  if (open === undefined || matchers === undefined || rest === undefined) {
    throw new UserError(`A selector must look like {label="value"}, not ${selector}`);
  }
  const given = matchers.trim().replace(/,$/, '');
  return `${open}${given === '' ? matcher : `${given}, ${matcher}`}${rest}`;
}
