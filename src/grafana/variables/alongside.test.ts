import { EMPTY, Observable, Subject, take } from 'rxjs';

import { alongside } from './alongside';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

function setUp() {
  const answers = new Subject<string>();
  const log: string[] = [];
  const answer$ = new Observable<string>((subscriber) => {
    log.push('answer asked');
    return answers.subscribe(subscriber);
  });
  const other = new Subject<never>();
  const other$ = new Observable<never>((subscriber) => {
    log.push('other asked');
    const inner = other.subscribe(subscriber);
    return () => {
      log.push('other ended');
      inner.unsubscribe();
    };
  });
  return { answers, other, log, both$: alongside(answer$, other$, (value) => value === 'done') };
}

it('does both at a time, the answer first, and gives the answer alone', () => {
  const { answers, log, both$ } = setUp();
  const seen: string[] = [];
  both$.subscribe({ next: (value) => seen.push(value), complete: () => seen.push('complete') });
  expect(log).toEqual(['answer asked', 'other asked']);
  answers.next('loading');
  answers.next('done');
  answers.complete();
  expect(seen).toEqual(['loading', 'done', 'complete']);
});

it('ends the other with the first who goes away without an answer', () => {
  const { answers, log, both$ } = setUp();
  const subscription = both$.subscribe();
  answers.next('loading');
  subscription.unsubscribe();
  expect(log).toContain('other ended');
  expect(jest.getTimerCount()).toBe(0);
});

it('goes on for a moment for those who waited for the answer, as Grafana does, which takes the first one', () => {
  const { answers, log, both$ } = setUp();
  both$.pipe(take(1)).subscribe();
  answers.next('done');
  jest.advanceTimersByTime(4999);
  expect(log).not.toContain('other ended');
  jest.advanceTimersByTime(1);
  expect(log).toContain('other ended');
});

it('leaves no timer behind when the other is over', () => {
  const { answers, other, both$ } = setUp();
  both$.subscribe();
  answers.next('done');
  answers.complete();
  expect(jest.getTimerCount()).toBe(1);
  other.complete();
  expect(jest.getTimerCount()).toBe(0);
  alongside(answers, EMPTY, () => true).subscribe();
  expect(jest.getTimerCount()).toBe(0);
});

it('passes an error on', () => {
  const { answers, log, both$ } = setUp();
  const error = jest.fn();
  both$.subscribe({ error });
  answers.error('down');
  expect(error).toHaveBeenCalledWith('down');
  expect(log).toContain('other ended');
});
