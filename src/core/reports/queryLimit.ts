import { type UsageQuery } from '../query';

/** Values that mean no limit: what a person calls it, and what Grafana fills in for "All". */
const allRows: readonly string[] = ['all', '$__all'];

/** The most rows or series that a query asks for; undefined for all of them. A valid query is expected. */
export function limitOf({ limit }: Pick<UsageQuery, 'limit'>): number | undefined {
  return isAll(limit) ? undefined : Number(limit);
}

/** Says which values are valid where a limit is none; undefined where it is. Text is what template variables give. */
export function limitProblem(limit: unknown): string | undefined {
  const isWhole =
    typeof limit === 'number' || (typeof limit === 'string' && /^\s*\d+\s*$/.test(limit))
      ? Number.isSafeInteger(Number(limit)) && Number(limit) > 0
      : isAll(limit);
  return isWhole ? undefined : `limit must be a whole number above 0, or "all", not ${JSON.stringify(limit)}`;
}

/** True for a limit that may hold a template variable, which only a dashboard can fill in. */
export function isVariable(limit: unknown): boolean {
  return typeof limit === 'string' && /\$\w|\$\{|\[\[/.test(limit) && !isAll(limit);
}

function isAll(limit: unknown): boolean {
  return (
    limit === undefined ||
    limit === null ||
    limit === '' ||
    (typeof limit === 'string' && allRows.includes(limit.trim().toLowerCase()))
  );
}
