/** A failure that a person can do something about: its message says what was wrong and what is valid, no stack needed. */
export class UserError extends Error {
  override name = 'UserError';
}

/**
 * The `code` of a system error (`ENOENT`, `EADDRINUSE`), or undefined. Looks at the shape only, because an error that
 * comes from another realm (a test environment) is no instance of this one's `Error`.
 */
export function systemErrorCode(error: unknown): string | undefined {
  const hasCode = typeof error === 'object' && error !== null && 'code' in error;
  return hasCode && typeof error.code === 'string' ? error.code : undefined;
}
