import { requestExtractor, requestPatterns, parseRequest } from '../../src/core/domain/requestLine';
import { liveEntries } from './liveEntries';

const linesOf = (text: string) => text.trimEnd().split('\n');

it('writes requests that reports count, each at a time of its own', () => {
  const extract = requestExtractor(requestPatterns('oscar-svc', 'separate'));
  const lines = Array.from({ length: 40 }, (_, number) =>
    liveEntries(number, new Date(1_780_000_000_000 + number * 2000))
  )
    .map(({ manager }) => linesOf(manager))
    .flat();
  const requests = lines.map((line) => parseRequest(extract(line), 'oscar-svc')).filter((request) => request);
  expect(requests).toHaveLength(40);
  expect(requests.map((request) => request?.outcome)).toContain('failed');
  const times = lines.map((line) => line.split(' ')[0]);
  expect(new Set(times).size).toBe(times.length);
});

it('calls an exposed service every other time, with a token that must go', () => {
  const paths = [0, 1].map((number) => /"RequestPath":"([^"]*)"/.exec(liveEntries(number, new Date(0)).ingress)?.[1]);
  expect(paths).toEqual(['/system/services/notebook/exposed/lab?token=secret', '/ui/']);
});
