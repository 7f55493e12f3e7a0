import fc from 'fast-check';
import { type Observable, of } from 'rxjs';

import { UpstreamError } from '../../src/core/upstream/errors';
import { LokiClient } from '../../src/core/upstream/loki';
import { PrometheusClient } from '../../src/core/upstream/prometheus';
import { demand, type FuzzProperty, property } from './property';
import { nastyText } from './texts';

const once = { retries: 0, firstDelayMs: 0, longestDelayMs: 0, random: () => 0 };

const odd = fc.oneof(fc.anything(), nastyText, fc.constantFrom(null, 'NaN', '1e999', -1, '1.5', [], {}));
const mostly = <T>(usual: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: odd });
const labels = mostly(fc.dictionary(nastyText, mostly(nastyText), { maxKeys: 3 }));
const sample = mostly(fc.tuple(mostly(fc.integer({ min: 0, max: 2e9 })), mostly(fc.nat().map(String))));
const series = mostly(
  fc.record(
    { metric: labels, stream: labels, value: sample, values: mostly(fc.array(sample, { maxLength: 3 })) },
    { requiredKeys: ['values'] }
  )
);
const stats = mostly(fc.record({ summary: mostly(fc.record({ execTime: odd, splits: odd })) }));
const answer = mostly(
  fc.record(
    {
      status: fc.constantFrom('success', 'success', 'success', 'error'),
      warnings: mostly(fc.array(odd, { maxLength: 2 })),
      data: mostly(
        fc.record(
          {
            resultType: fc.constantFrom('matrix', 'vector', 'streams'),
            result: mostly(fc.array(series, { maxLength: 3 })),
            stats,
            storageRetention: odd,
            blocks: mostly(fc.array(mostly(fc.record({ minTime: odd })), { maxLength: 2 })),
            headStats: mostly(fc.record({ minTime: odd })),
            version: odd,
          },
          { requiredKeys: ['resultType', 'result'] }
        )
      ),
    },
    { requiredKeys: ['status', 'data'] }
  )
);

/** What comes of an answer: a value, or an error that says what is wrong with it. */
function demandDecoded(answered: Observable<unknown>, check: (value: unknown) => void): void {
  const values: unknown[] = [];
  const errors: unknown[] = [];
  // What is thrown in here would be reported later, to nobody.
  answered.subscribe({ next: (value) => values.push(value), error: (error) => errors.push(error) });
  demand(values.length + errors.length === 1, 'neither a value nor an error');
  values.forEach(check);
  errors.forEach((error) =>
    demand(error instanceof UpstreamError, `not reported as a malformed answer: ${String(error)}`)
  );
}

interface Series {
  labels: Record<string, unknown>;
  samples: Array<[number, number]>;
}

/** Labels are texts, times are whole numbers; a value may be none (NaN), which is a number to Prometheus. */
function demandSeries(list: readonly Series[], isValue: (value: number) => boolean): void {
  for (const { labels: own, samples } of list) {
    demand(
      Object.values(own).every((value) => typeof value === 'string'),
      'a label is not text'
    );
    demand(
      samples.every(([time, value]) => Number.isSafeInteger(time) && isValue(value)),
      'a sample is malformed'
    );
  }
}

const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;

export const answerProperties: readonly FuzzProperty[] = [
  property('Loki: an answer of any form is read, or refused as malformed', 4, answer, (body) => {
    const client = new LokiClient(() => of(body), 'loki', once);
    demandDecoded(client.counts('x', 0, 1000, 1000), (counts) =>
      demandSeries((counts as { series: Series[] }).series, isCount)
    );
    demandDecoded(client.lines('x', 0, 1000, 10), (lines) => {
      const { streams } = lines as { streams: Array<{ lines: Array<[unknown, unknown]> }> };
      demand(
        streams.every((stream) =>
          stream.lines.every(([time, text]) => /^\d+$/.test(String(time)) && typeof text === 'string')
        ),
        'a line is malformed'
      );
    });
    demandDecoded(client.firstLines('x', 0, 1000, 10), (lines) => {
      const list = lines as Array<{ time: number; text: unknown }>;
      demand(
        list.every(({ time, text }) => Number.isFinite(time) && typeof text === 'string'),
        'a first line is malformed'
      );
    });
    demandDecoded(client.hasStreams('{}', 0, 1000, 1000), (has) => demand(typeof has === 'boolean', 'no answer'));
    demandDecoded(client.version(), (version) => demand(typeof version === 'string', 'no version'));
    demandDecoded(client.limits(), (limits) => demand(typeof limits === 'object', 'no limits'));
  }),
  property('Prometheus: an answer of any form is read, or refused as malformed', 4, answer, (body) => {
    const settings = { uid: 'prometheus', method: 'GET', customParameters: [] } as const;
    const client = new PrometheusClient(() => of(body), settings, once);
    const check = (result: unknown) =>
      demandSeries((result as { series: Series[] }).series, (value) => typeof value === 'number');
    demandDecoded(client.instant('x', 0), check);
    demandDecoded(client.range('x', 0, 1000, 1000), check);
    demandDecoded(client.samples('x', 0), check);
    demandDecoded(client.retention(), (ms) => demand(ms === undefined || (ms as number) > 0, 'no retention'));
    demandDecoded(client.oldestSample(), (ms) => demand(ms === undefined || Number.isFinite(ms), 'no time'));
    demandDecoded(client.version(), (version) => demand(typeof version === 'string', 'no version'));
  }),
];
