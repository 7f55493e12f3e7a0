/** Stands for everything that could be somebody's. */
const masked = '…';

const clock = String.raw`\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?`;

/**
 * What of a line is shown: words that every line of its kind has, times, and what stands between bars and can only be a status
 * or a duration. A list of what is known to be harmless, because nobody knows where an unknown form has its user and address.
 */
const harmless: readonly string[] = [
  String.raw`\[GIN(?:-EXECUTIONS-LOGGER)?\]`,
  String.raw`\d{4}-\d{2}-\d{2}[T ]${clock}(?:Z|[+-]\d{2}:?\d{2})?`,
  String.raw`\d{4}/\d{2}/\d{2}(?: -)? ${clock}`,
  String.raw`\[\d{2}/[A-Z][a-z]{2}/\d{4}:${clock} [+-]\d{4}\]`,
  String.raw`(?<=\|\s{0,20})(?:\d{3}|(?:\d{1,6}(?:\.\d{1,12})?(?:ns|µs|ms|s|m|h)){1,4})(?=\s{0,20}\|)`,
  String.raw`(?<=" )\d{3}(?= )`,
  String.raw`\b(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)(?= )`,
  String.raw`\bHTTP/[123](?:\.[01])?(?=")`,
  String.raw`/(?:job|run|system/services)/`,
  String.raw`/exposed(?![^\s/?"|])`,
  String.raw`\b(?:stdout|stderr) [FP](?= )`,
  // Keys of an access log in JSON.
  String.raw`"(?:ClientAddr|ClientHost|ClientUsername|DownstreamStatus|RequestAddr|RequestHost|RequestMethod|RequestPath|ServiceName|StartUTC|level|log|message|msg|time)":`,
  // What holds a line together.
  String.raw`[\s|"'{}\[\](),:]`,
];

const parts = new RegExp(harmless.map((part) => `(?:${part})`).join('|') + '|', 'uy');

/** No form needs more of a line to be told. */
const longest = 2000;

/**
 * The form of a line: what tells nothing of anybody stays, the rest is `…`. Addresses, user ids, names of services and what
 * callers wrote do not stay, whatever the line is.
 */
export function maskedLine(line: string): string {
  const text = line.slice(0, longest);
  let form = '';
  let position = 0;
  while (position < text.length) {
    parts.lastIndex = position;
    const [known = ''] = parts.exec(text) ?? [];
    if (known !== '') {
      form += known;
      position += known.length;
    } else {
      form += form.endsWith(masked) ? '' : masked;
      position += (text.codePointAt(position) ?? 0) > 0xffff ? 2 : 1;
    }
  }
  return form;
}
