import { TestScheduler } from 'rxjs/testing';

import { interimAndLast } from './interim';

const inVirtualTime = (test: Parameters<TestScheduler['run']>[0]): void => {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(test);
};

it('passes only the last value of what is quick', () =>
  inVirtualTime(({ cold, expectObservable }) => {
    expectObservable(cold('a 400ms b 400ms (c|)').pipe(interimAndLast(1500))).toBe('802ms (c|)');
  }));

it('shows the newest value after a while and every two seconds, if there is a new one', () =>
  inVirtualTime(({ cold, expectObservable }) => {
    const source$ = cold('a 999ms b 3999ms c 2999ms (d|)');
    // At 1500 ms b, nothing new at 3500 ms, c at 5500 ms.
    expectObservable(source$.pipe(interimAndLast(1500))).toBe('1500ms b 3999ms c 2499ms (d|)');
  }));

it('ends the source when nobody is interested any more', () =>
  inVirtualTime(({ cold, expectSubscriptions, expectObservable }) => {
    const source$ = cold('a 9s (b|)');
    expectObservable(source$.pipe(interimAndLast(1500)), '1s !').toBe('');
    expectSubscriptions(source$.subscriptions).toBe('^ 999ms !');
  }));
