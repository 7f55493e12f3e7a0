import { Observable, timer } from 'rxjs';

/** How long those who waited for an answer may take to ask for themselves. */
const takeOverMs = 5000;

/**
 * The answer, with something else done at the same time, which goes on for a moment after the answer for those who take it over.
 * It ends at once when nobody waits for the answer any more. The answer's own requests go first.
 */
export function alongside<T>(
  answer$: Observable<T>,
  other$: Observable<unknown>,
  isAnswer: (value: T) => boolean
): Observable<T> {
  return new Observable<T>((subscriber) => {
    let isAnswered = false;
    const answer = answer$.subscribe({
      next: (value) => {
        // Who has the answer unsubscribes within the call.
        isAnswered ||= isAnswer(value);
        subscriber.next(value);
      },
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    });
    const other = other$.subscribe();
    return () => {
      answer.unsubscribe();
      if (isAnswered && !other.closed) {
        const end = timer(takeOverMs).subscribe(() => other.unsubscribe());
        other.add(end);
      } else {
        other.unsubscribe();
      }
    };
  });
}
