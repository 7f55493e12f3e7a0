/** A line as a collector may deliver it, and what it means: `type service user outcome`, or one of the words below. */
export interface LineForm {
  name: string;
  line: string;
  /**
   * `rejected`; `cut`: ends before its user; `unread`: a request whose service the line does not tell; `unknown`: not understood;
   * `none`: no request.
   */
  meaning: string;
}

/** A line of the manager's executions logger with everything from the method on. */
export const logger = (status: number, call: string, time = '2026-06-15T10:00:00Z') =>
  `[GIN-EXECUTIONS-LOGGER] ${time} | ${status} |   12.345678ms | 192.0.2.7 | ${call}`;
export const docker = (text: string) =>
  JSON.stringify({ log: `${text}\n`, stream: 'stderr', time: '2026-06-15T10:00:00Z' });
const fluentBit = (text: string) =>
  `{"stream": "stderr", "logtag": "F", "kubernetes": {"labels": ["x"], "pod_name": "oscar-6f"}, "log": ${JSON.stringify(text)}}`;
const keyValue = (text: string) => `stream="stderr" logtag="F" log=${JSON.stringify(text)} time="2026-06-15T10:00:00Z"`;
const cri = (text: string) => `2026-06-15T10:00:00.123456789Z stderr F ${text}`;

/** What collectors make of a line, by their names. */
export const wrappings: ReadonlyArray<readonly [string, (text: string) => string]> = [
  ['bare', (text) => text],
  ['CRI', cri],
  ["Docker's JSON", docker],
  ["fluent-bit's JSON", fluentBit],
  ['key=value', keyValue],
  ['CRI inside JSON', (text) => docker(cri(text))],
  ['with a line feed', (text) => `${text}\n`],
  ['with CR LF', (text) => `${text}\r\n`],
];

/** A line in every wrapping. */
export const wrapped = (name: string, line: string, meaning: string): LineForm[] =>
  wrappings.map(([how, wrap]) => ({ name: `${name}, ${how}`, line: wrap(line), meaning }));
