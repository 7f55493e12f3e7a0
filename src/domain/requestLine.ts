import { isServiceName, toServiceKey } from './serviceName';

export type RequestType = 'sync' | 'async';

/** What became of a request (contract rule 1): processed, processed with an error, or refused before anybody processed it. */
export type Outcome = 'succeeded' | 'failed' | 'rejected';

export interface Request {
  type: RequestType;
  /** A valid service name or `(invalid)`. */
  service: string;
  /** As logged; `(none)` when empty. */
  user: string;
  outcome: Outcome;
}

/** Key of requests whose line names no user (contract rule 4). */
export const noUser = '(none)';

/** The logger's name in front of every line that describes a request (contract rule 1). */
export const executionsLogger = '[GIN-EXECUTIONS-LOGGER]';

/**
 * RE2 and ECMAScript source that captures, as `oscar_call`, everything from the method on. What stands before the logger may
 * hold neither `|` nor `[`, so that a path which imitates a log line can't become one. Each alternative starts with
 * another character, which keeps Loki's matcher in its one-pass form.
 */
export const callPattern = '^[^|\\[]*\\[GIN-EXECUTIONS-LOGGER\\] [^|]*\\|[^|]*\\|[^|]*\\|[^|]*\\| (?P<oscar_call>.*)$';

/** The same for ECMAScript, whose dot leaves out three more characters than RE2's, which leaves out the line feed only. */
const callExpression = new RegExp(callPattern.replace('?P<', '?<').replace('.*', '[^\\n]*'));

/** What `callPattern` captures of a line; empty where it does not match. Takes time in proportion to the line's length. */
export function callOfLine(line: string): string {
  return callExpression.exec(line)?.groups?.['oscar_call'] ?? '';
}

const separator = ' | ';
const typeByPrefix: ReadonlyArray<readonly [string, RequestType]> = [
  ['/run/', 'sync'],
  ['/job/', 'async'],
];

/**
 * Reads the tail of a line of the executions logger, from the method on:
 * `POST    /job/<service> | <user>` or `POST    /job/<service> | <user> | <service> | <namespace>`.
 * Returns undefined when it describes no request (another method, another path).
 *
 * A path may hold the separator, because the manager logs it decoded, so that fields are counted from the end, where
 * the manager's own words stand. The eight-field form is told apart by its last field, which the manager takes from
 * the cluster: a namespace that starts with `namespacePrefix`; nothing that a caller sends stands there.
 */
export function parseCall(call: string, namespacePrefix: string): Request | undefined {
  const method = /^POST +(?=\/)/.exec(call);
  if (!method) {
    return undefined;
  }
  const text = call.slice(method[0].length);
  const prefix = typeByPrefix.find(([start]) => text.startsWith(start));
  if (!prefix) {
    return undefined;
  }
  const [start, type] = prefix;
  const [rest, last] = splitLast(text);
  if (last.startsWith(namespacePrefix) && isServiceName(last)) {
    const [beforeService, loggedService] = splitLast(rest);
    const [path, user] = splitLast(beforeService);
    if (path !== '') {
      return { type, service: toServiceKey(loggedService.trim()), user: toUserKey(user), outcome: 'succeeded' };
    }
  }
  const path = rest === '' ? last : rest;
  const segment = path.slice(start.length).split('/', 1)[0] ?? '';
  return { type, service: toServiceKey(segment), user: toUserKey(rest === '' ? '' : last), outcome: 'succeeded' };
}

/** What stands before and after the last separator; all of it after, and nothing before, where there is none. */
function splitLast(text: string): [before: string, after: string] {
  // A log shipper may have trimmed the blank after the last separator, which stands before an empty user.
  const whole = text.endsWith(' |') ? `${text} ` : text;
  const index = whole.lastIndexOf(separator);
  return index < 0 ? ['', whole] : [whole.slice(0, index), whole.slice(index + separator.length)];
}

function toUserKey(user: string): string {
  return user.trim() || noUser;
}
