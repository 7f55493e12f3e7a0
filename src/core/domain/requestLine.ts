import { toServiceKey } from './serviceName';

export type RequestType = 'sync' | 'async';

/** What became of a request (contract rule 1): processed, processed with an error, or refused before anybody processed it. */
export type Outcome = 'succeeded' | 'failed' | 'rejected';

/** How requests that nobody processed are counted (option `rejectedRequests`): as a figure of their own, or as all others. */
export type RejectedRequests = 'separate' | 'count';

export interface Request {
  type: RequestType;
  /** A valid service name or `(invalid)`. */
  service: string;
  /** As logged; `(none)` when empty. */
  user: string;
  outcome: Outcome;
}

/** Rejected requests whose names nobody keeps: anybody can invent them (contract rule 1). */
export const anyRejected = { type: '', service: '', user: '', outcome: 'rejected' } as const;

/** Key of requests whose line names no user (contract rule 4). */
const noUser = '(none)';

/** The logger's name in front of every line that describes a request (contract rule 1), in whatever brackets. */
export const executionsLogger = 'GIN-EXECUTIONS-LOGGER';

/** The user that OSCAR logs before it knows who asks, and for basic authentication. */
const unknownCaller = 'oscar';

/** Users whom a storage names in its events; the requests come from inside the cluster. */
const storagePrincipals = /^(?:minio|console|rustfs.*)$/;

/** True for a request that a storage sent; where its event names nobody, the user is empty. */
export function isStoragePrincipal(user: string): boolean {
  return user === noUser || storagePrincipals.test(user);
}

/** What the patterns of `requestPatterns` capture of a line, as labels. */
export const requestLabels = [
  'oscar_call',
  'oscar_status',
  'oscar_quote',
  'oscar_rejected',
  'oscar_cut',
  'oscar_other',
] as const;
type RequestLabel = (typeof requestLabels)[number];

/** Text of all rejected requests, and of lines about other paths than those of requests. */
const rejectedText = 'rejected';
const otherText = 'other';

/**
 * Text of all lines that end before their user. OSCAR logs paths decoded, so that a line feed in one ends the line early, and
 * starts one that the caller wrote (docs/security.md).
 */
export const cutText = 'cut';

/** RE2 source of the methods that no request has. */
const otherMethods = 'GET|HEAD|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE';

/** What is special about a form of lines, as RE2 sources; the line feeds in `stop` and `end` are those of the message. */
interface Form {
  /** From the beginning of the line to the bracket before the logger's name. */
  head: string;
  /** A character of the message, as alternatives. */
  any: string;
  /** One that is not a blank. */
  solid: string;
  /** One that is neither a blank nor `|`. */
  plain: string;
  /** Behind a blank: a `|` that is no separator, since neither a blank nor the end of a line follows. */
  bar: string;
  /** A blank, or a carriage return. */
  gap: string;
  /** What stands between two `|` before the method: not even an escaped `|`, which would leave open what is a separator. */
  field: string;
  /** What ends a line of the message, whether or not more of them follow. */
  stop: string;
  /** What ends the message. */
  end: string;
  slash: string;
}

/**
 * Collectors write the line as it is, or as a quoted text between others: Docker's and fluent-bit's JSON, key="value". A line
 * is of one of these forms, told by whether a quote stands before the logger's name.
 */
const forms: readonly Form[] = [
  {
    head: '^[^|\\["\']*',
    any: '[^\\n]',
    solid: '[^ \\n]',
    plain: '[^ |\\n]',
    bar: '\\|[^ \\r\\n]',
    gap: '[ \\r]',
    field: '[^|\\n]*',
    stop: '(?:\\n|$)',
    end: '[\\r\\n]*$',
    slash: '/',
  },
  {
    head: '^(?:(?:[^|\\[]|\\[[^G])*[^\\\\])?(?P<oscar_quote>")[^|\\["\\\\]*',
    any: '[^"\\\\\\n]|\\\\[^n]',
    solid: '[^ "\\\\\\n]|\\\\[^n\\n]',
    plain: '[^ |"\\\\\\n]|\\\\[^n\\n]',
    bar: '\\|(?:[^ "\\\\\\n]|\\\\[^rn\\n])',
    gap: '(?: |\\\\r)',
    field: '(?:[^|"\\\\\\n]|\\\\[^|n\\n])*',
    stop: '(?:\\\\n|")',
    end: '(?:\\\\n(?:\\\\[rnt])*)?"',
    // JSON allows a slash to be escaped.
    slash: '\\\\?/',
  },
];

/**
 * RE2 and ECMAScript sources that a line of the executions logger is matched against, one for each form; a line matches one of
 * them at most. They capture
 * - `oscar_call`: everything from the method on, of a request that was not rejected;
 * - `oscar_status`: of these the first digit of the status where it is 4 or 5, else nothing;
 * - `oscar_rejected`: a fixed text for a rejected request, whatever it names, so that Loki has one series of them;
 * - `oscar_cut`: a fixed text for a line that ends before its user, whatever its path;
 * - `oscar_other`: the method and the first slash of a line about another path, or by another method, than a request; and more of the
 *   path where it could be one of a request, but has another form;
 * - `oscar_quote`: a quote where the form is quoted.
 *
 * With `count`, rejected requests are captured as all others, and `oscar_status` is the whole status.
 *
 * A line that ends in its path has no user, which is not the same as an empty one: the separator before it is not there.
 *
 * What stands before the logger may hold neither `|` nor a name in `[G…]`, so that a path which imitates a log line can't become
 * one. The user `oscar` is looked for where `parseRequest` reads the user: in the last field, or before the last two where
 * these are a service and a namespace that begins with `namespacePrefix` (RE2 source), or both empty.
 */
export function requestPatterns(namespacePrefix: string, rejected: RejectedRequests): string[] {
  return forms.map((form) => {
    const call = `(?P<oscar_call>${callIn(form)})`;
    const kept =
      rejected === 'count'
        ? [`\\| *(?P<oscar_status>[0-9]+) *${fieldsIn(form)} ${call}`]
        : [
            `(?P<oscar_rejected>\\|)${rejectedIn(form, namespacePrefix)}`,
            `\\| *(?:(?P<oscar_status>[45])[0-9]+|[0-9]+) *${fieldsIn(form)} ${call}`,
          ];
    const other = `\\|${form.field}${fieldsIn(form)} (?P<oscar_other>POST +/(?:(?:job|run)/)?|(?:${otherMethods}) +/)(?:${form.any})*`;
    // The first one that matches decides. Most lines match the first or second one, and what is common to all is matched once.
    const whole = `(?:${kept.join('|')})${form.end}`;
    return `${startOf(form)}(?:${whole}|(?P<oscar_cut>\\|)${cutIn(form)}|${other}${form.end})`;
  });
}

/**
 * The same patterns with nothing but `oscar_rejected`, of just the same lines, and `oscar_cut`, perhaps of some more: other lines are soon
 * done with.
 */
export function uniformPatterns(namespacePrefix: string): string[] {
  return forms.map((form) => {
    const rejected = `(?P<oscar_rejected>\\|)${rejectedIn(form, namespacePrefix)}${form.end}`;
    return `${startOf(form)}(?:${rejected}|(?P<oscar_cut>\\|)${cutIn(form)})`;
  });
}

/**
 * RE2 sources of a line as the manager writes it, for log collectors (stack/pipeline):
 * - `otherMethod`: a whole line by a method that no request has. One that is cut is not: it is the trace of a forged line;
 * - `cut`: a line that ends before its user;
 * - `address`: captures the caller's address without its port, where it is one;
 * - `user`: captures the user of a whole line, as `parseRequest` reads it, in one of two groups.
 */
export function collectorPatterns(namespacePrefix: string) {
  const [form] = forms as [Form];
  const start = `${startOf(form)}\\|${form.field}`;
  const call = (group: string) => `${start}${fieldsIn(form)} +[A-Z]+ +/${form.any}* \\| *(?P<${group}>${pathIn(form)})`;
  const service = `(?: \\| [^|\\n]* \\| +${namespacePrefix}[^|\\n]*| \\| +\\|)`;
  const address = '(?P<caller_address>(?:[0-9]{1,3}\\.){3}[0-9]{1,3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+)';
  return {
    otherMethod: `${start}${fieldsIn(form)} (?:${otherMethods}) +/${pathIn(form)} +\\|(?: ${form.any}*)?$`,
    cut: `${startOf(form)}(?:\\|${form.field}){3,4}$`,
    address: `${start}\\|${form.field}\\| *\\[?${address}\\]?(?::[0-9]+)? *(?:\\||$)`,
    user: `(?:${call('caller')}${service}[ \\t]*$|${call('caller_last')}[ \\t]*$)`,
  };
}

/** RE2 source of a line up to the logger's time, which the first `|` follows. */
function startOf({ head, field }: Form): string {
  return `${head}\\[${executionsLogger}\\] ${field}`;
}

/** RE2 source of what stands between the status and the method: latency and client. */
function fieldsIn({ field }: Form): string {
  return `(?:\\|${field}){2}\\|`;
}

/** The call of a line that names a user: something stands behind a separator. */
function callIn(form: Form): string {
  return `${requestIn(form)}${pathIn(form)} +\\|(?:${form.gap}(?:${form.any})*)?`;
}

function requestIn({ slash }: Form): string {
  return `POST +${slash}(?:job|run)${slash}`;
}

/** What holds no separator. A path may hold `|`, too: a separator has a blank on either side. */
function pathIn({ solid, plain, bar }: Form): string {
  return `(?:${solid}| +(?:${plain}|${bar}))*`;
}

/** From behind the `|` before the status on, of a rejected request. */
function rejectedIn(form: Form, namespacePrefix: string): string {
  const noService = '\\|[ \\t]+\\|';
  const service = `\\| [^|"\\n]* \\|[ \\t]+${namespacePrefix}[^|"\\n]*`;
  const ofNobody = `(?:${form.any})* \\| [ \\t]*${unknownCaller}[ \\t]*(?:(?:${service}|${noService})[ \\t]*)?(?:\\\\[rt])*`;
  const fields = ` *${fieldsIn(form)} `;
  return ` *(?:40[1345]${fields}${callIn(form)}|(?:400|502)${fields}${requestIn(form)}${ofNobody})`;
}

/** From behind the same `|` on, of a line that ends before its user: in the path, or in the client, which a storage event names. */
function cutIn(form: Form): string {
  const { field, plain, stop } = form;
  return ` *[0-9]+ *\\|${field}\\| (?: |${plain})*(?:\\|${pathIn(form)} *)?${stop}`;
}

/** What the labels that the patterns captured say, as one text; empty for a line that was not understood. */
export function textOfRequest(labels: Readonly<Partial<Record<RequestLabel, string>>>): string {
  const { oscar_call: call, oscar_status: status = '', oscar_quote: quote = '' } = labels;
  if (call) {
    return `${status}${quote}${call}`;
  }
  if (labels.oscar_rejected) {
    return rejectedText;
  }
  if (labels.oscar_cut) {
    return cutText;
  }
  return labels.oscar_other?.endsWith(' /') ? otherText : '';
}

/**
 * The same from a line, by patterns that were compiled here. Takes time in proportion to the line's length.
 */
export function requestExtractor(patterns: readonly string[]): (line: string) => string {
  const expressions = patterns.map((pattern) => new RegExp(pattern.replaceAll('?P<', '?<')));
  return (line) => {
    for (const expression of expressions) {
      const groups = expression.exec(line)?.groups;
      if (groups) {
        return textOfRequest(groups);
      }
    }
    return '';
  };
}

const separator = ' | ';
const typeByPrefix: ReadonlyArray<readonly [string, RequestType]> = [
  ['/run/', 'sync'],
  ['/job/', 'async'],
];

/**
 * Reads a text of `textOfRequest`: a status or its first digit, a quote where the rest is the inside of a JSON string, and the tail of
 * a line of the executions logger, from the method on: `POST    /job/<service> | <user>` or
 * `POST    /job/<service> | <user> | <service> | <namespace>`. Undefined when it describes no request.
 *
 * A path may hold the separator, because the manager logs it decoded, so that fields are counted from the end, where
 * the manager's own words stand. The eight-field form is told apart by its last field, which the manager takes from
 * the cluster: a namespace that starts with `namespacePrefix`; or by its last two fields, if both are empty (contract rule 4).
 */
export function parseRequest(text: string, namespacePrefix: string): Request | typeof anyRejected | undefined {
  if (text === rejectedText) {
    return anyRejected;
  }
  const [head = '', status = '', quote] = /^([0-9]*)("?)/.exec(text) ?? [];
  const call = text.slice(head.length);
  const request = parseCall(quote ? unquoted(call) : call, namespacePrefix);
  return request && { ...request, outcome: outcomeOf(status, request.user) };
}

/** The outcome by the status, or by its first digit where rejected requests are told apart before (contract rule 1). */
function outcomeOf(status: string, user: string): Outcome {
  if (/^40[1345]$/.test(status) || (/^(?:400|502)$/.test(status) && user === unknownCaller)) {
    return 'rejected';
  }
  return /^[4-9]/.test(status) ? 'failed' : 'succeeded';
}

/** The inside of a JSON string, or of a quoted text that escapes less. */
function unquoted(text: string): string {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text.replace(/\\[rn]/g, '').replace(/\\(.)/g, '$1');
  }
}

function parseCall(call: string, namespacePrefix: string): Omit<Request, 'outcome'> | undefined {
  const method = /^POST +(?=\/)/.exec(call);
  if (!method) {
    return undefined;
  }
  const text = call.slice(method[0].length, endOfLine(call));
  const prefix = typeByPrefix.find(([start]) => text.startsWith(start));
  if (!prefix) {
    return undefined;
  }
  const [start, type] = prefix;
  const found = fieldsOf(text, namespacePrefix);
  if (!found) {
    return undefined;
  }
  const { path, user, service } = found;
  const segment = path.slice(start.length).split('/', 1)[0] ?? '';
  return { type, service: toServiceKey(service || segment), user: user.trim() || noUser };
}

/** Where a text ends without its line ends. An expression for it would look at each line end of a long row of them again and again. */
function endOfLine(text: string): number {
  let end = text.length;
  while (end > 0 && (text[end - 1] === '\r' || text[end - 1] === '\n')) {
    end -= 1;
  }
  return end;
}

/** Path, user and, in the eight-field form, the service that the manager named. Undefined where the line ends in the path. */
function fieldsOf(text: string, namespacePrefix: string): { path: string; user: string; service: string } | undefined {
  const [rest, last] = splitLast(text);
  const isNamespace = last.trim().startsWith(namespacePrefix);
  if (isNamespace || last.trim() === '') {
    const [beforeService, service] = splitLast(rest);
    const [path, user] = splitLast(beforeService);
    // A last field that is empty is a user, unless the one before it is empty, too.
    if (path !== '' && (isNamespace || service.trim() === '')) {
      return { path, user, service: service.trim() };
    }
  }
  return rest === '' ? undefined : { path: rest, user: last, service: '' };
}

/** What stands before and after the last separator; all of it after, and nothing before, where there is none. */
function splitLast(text: string): [before: string, after: string] {
  // A log shipper may have trimmed the blank after the last separator, which stands before an empty field.
  const whole = text.endsWith(' |') ? `${text} ` : text;
  const index = whole.lastIndexOf(separator);
  return index < 0 ? ['', whole] : [whole.slice(0, index), whole.slice(index + separator.length)];
}

/**
 * RE2 source of the logger's name with its own time behind it, in either form: what a line must hold to be one of the logger's.
 * Anybody can write the name alone into the log.
 *
 * Without a negated class, as all patterns of line filters (expr/logql.ts).
 */
export const loggerPattern = `${executionsLogger}[\\])}>"': ]{1,3}[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ]`;
