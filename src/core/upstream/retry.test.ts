import { defer, of, throwError } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';

import { UpstreamError, type UpstreamErrorKind } from './errors';
import { retryTransient } from './retry';

const policy = { retries: 3, firstDelayMs: 100, longestDelayMs: 300, random: () => 1 };
const scheduler = () => new TestScheduler((actual, expected) => expect(actual).toEqual(expected));

function failing(kind: UpstreamErrorKind, times: number) {
  const error = new UpstreamError(kind, kind);
  let attempts = 0;
  const source = defer(() => ((attempts += 1) > times ? of('a') : throwError(() => error)));
  return { source, error, attempts: () => attempts };
}

it.each(['rate', 'unavailable', 'malformed'] as const)('repeats after %s, waiting longer each time', (kind) => {
  const { source } = failing(kind, 3);
  scheduler().run(({ expectObservable }) => {
    // 100 + 200 + 300 (the longest)
    expectObservable(source.pipe(retryTransient(policy))).toBe('600ms (a|)');
  });
});

it('gives up after its number of repetitions, with the error', () => {
  const { source, error, attempts } = failing('unavailable', 99);
  scheduler().run(({ expectObservable }) => {
    expectObservable(source.pipe(retryTransient(policy))).toBe('600ms #', undefined, error);
  });
  expect(attempts()).toBe(4);
});

it.each(['timeout', 'series-limit', 'bad-request', 'authentication', 'cancelled', 'configuration'] as const)(
  'passes %s at once',
  (kind) => {
    const { source, error, attempts } = failing(kind, 99);
    scheduler().run(({ expectObservable }) => {
      expectObservable(source.pipe(retryTransient(policy))).toBe('#', undefined, error);
    });
    expect(attempts()).toBe(1);
  }
);

describe('a connection that was lost', () => {
  const lost = (tookMs: number) => new UpstreamError('timeout', 'lost', undefined, { tookMs });
  const attemptsUntilError = (error: UpstreamError) => {
    let attempts = 0;
    const source = defer(() => {
      attempts += 1;
      return throwError(() => error);
    });
    scheduler().run(({ flush }) => {
      source.pipe(retryTransient({ ...policy, quickMs: 1000 })).subscribe({ error: () => undefined });
      flush();
    });
    return attempts;
  };

  it('at once is asked for again, twice', () => {
    expect(attemptsUntilError(lost(999))).toBe(3);
  });

  it('after a while is not: the query took too long', () => {
    expect(attemptsUntilError(lost(1000))).toBe(1);
  });
});

it('jitters between half of the wait and the whole', () => {
  const { source } = failing('rate', 1);
  scheduler().run(({ expectObservable }) => {
    expectObservable(source.pipe(retryTransient({ ...policy, random: () => 0 }))).toBe('50ms (a|)');
  });
});
