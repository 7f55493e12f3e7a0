import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';

import { outcomes, type Outcome } from './outcomes';
import type { TrafficParameters } from './parameters';
import { podKinds, type PodKind } from './podKinds';
import type { RequestType } from './requests';
import { truthFormat, truthFormatVersion, type TruthEnd, type TruthHeader } from './truthFile';

/** Requests of one minute that agree in everything. Minutes count from the epoch. */
export interface RequestRow {
  minute: number;
  service: string;
  type: RequestType;
  user: string;
  /** ISO 3166-1 alpha-2, or `unknown`. */
  country: string;
  outcome: Outcome;
  count: number;
}

export interface ExposedRow {
  minute: number;
  service: string;
  country: string;
  /** Never `failed`: whatever a service answers, it was reached. */
  outcome: Outcome;
  count: number;
}

/** Usage of the hour that begins in that minute, by the pods of one kind. */
export interface UsageRow {
  minute: number;
  service: string;
  kind: PodKind;
  cpuSeconds: number;
  gpuSeconds: number;
}

/** What the generated data really contains, from the generator's own knowledge. */
export interface Truth extends TruthEnd {
  parameters: TrafficParameters;
  /** In time order, rejected ones too. Each call starts anew. */
  requests(): Iterable<RequestRow>;
  exposed(): Iterable<ExposedRow>;
  usage(): Iterable<UsageRow>;
}

/**
 * Reads a truth file. Needs about 100 bytes at most of memory for every request.
 * @throws Error when the file is not of the known format and version, or not complete.
 */
export async function loadTruth(file: string): Promise<Truth> {
  const input = createReadStream(file).pipe(createGunzip());
  const names = { service: [] as string[], user: [] as string[], country: [] as string[] };
  const tables = { r: createTable(7), x: createTable(5), u: createTable(5) };
  let header: TruthHeader | undefined;
  let end: TruthEnd | undefined;
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (header === undefined) {
      header = checkedHeader(line, file);
      continue;
    }
    const row = JSON.parse(line) as Row;
    switch (row[0]) {
      case 'r':
      case 'x':
      case 'u':
        tables[row[0]].add(row);
        break;
      case 'end':
        end = row[1];
        break;
      default:
        names[row[0]].push(row[1]);
    }
  }
  if (header === undefined || end === undefined) {
    throw new Error(`${file} is not complete: generate the data again`);
  }
  const { service, user, country } = names;
  return {
    parameters: header.parameters,
    ...end,
    requests: () =>
      tables.r.rows(([minute, s, type, u, c, outcome, count]) => ({
        minute: minute!,
        service: service[s!]!,
        type: type === 0 ? 'sync' : 'async',
        user: user[u!]!,
        country: country[c!]!,
        outcome: outcomes[outcome!]!,
        count: count!,
      })),
    exposed: () =>
      tables.x.rows(([minute, s, c, outcome, count]) => ({
        minute: minute!,
        service: service[s!]!,
        country: country[c!]!,
        outcome: outcomes[outcome!]!,
        count: count!,
      })),
    usage: () =>
      tables.u.rows(([minute, s, kind, cpuSeconds, gpuSeconds]) => ({
        minute: minute!,
        service: service[s!]!,
        kind: podKinds[kind!]!,
        cpuSeconds: cpuSeconds!,
        gpuSeconds: gpuSeconds!,
      })),
  };
}

type Row =
  | [kind: 'r' | 'x' | 'u', ...values: number[]]
  | [kind: 'service' | 'user' | 'country', name: string]
  | [kind: 'end', end: TruthEnd];

function checkedHeader(line: string, file: string): TruthHeader {
  const header = JSON.parse(line) as Partial<TruthHeader>;
  if (header.format !== truthFormat || header.version !== truthFormatVersion || header.parameters === undefined) {
    throw new Error(`${file} is not a truth file of version ${truthFormatVersion}: generate the data again`);
  }
  return { format: truthFormat, version: truthFormatVersion, parameters: header.parameters };
}

/** Rows of numbers side by side in one growing array: objects would take ten times the memory. */
function createTable(width: number) {
  let values = new Float64Array(1024 * width);
  let length = 0;
  return {
    add(row: ReadonlyArray<string | number>) {
      if (length + width > values.length) {
        const larger = new Float64Array(values.length * 2);
        larger.set(values);
        values = larger;
      }
      for (let column = 0; column < width; column++) {
        values[length++] = Number(row[column + 1]);
      }
    },
    *rows<T>(create: (row: Float64Array) => T): Generator<T> {
      for (let position = 0; position < length; position += width) {
        yield create(values.subarray(position, position + width));
      }
    },
  };
}
