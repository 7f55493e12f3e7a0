import { Observable, Subscription } from 'rxjs';

/**
 * Runs tasks and passes on what they emit. `next` gives the next task when there is room for one, undefined where there is none as long as no
 * other one has ended; at most `ahead()` run at once, so that what one of them teaches is known when later ones are made. It ends when nothing
 * runs and there is no next one. How many requests an upstream is sent at once is not decided here (`Gate`).
 *
 * Errors as the tasks do; those who give tasks that may fail handle that inside of them.
 */
export function runTasks<T>(next: () => Observable<T> | undefined, ahead: () => number): Observable<T> {
  return new Observable<T>((subscriber) => {
    const running = new Subscription();
    let active = 0;
    const advance = () => {
      while (!subscriber.closed && active < ahead()) {
        const task = next();
        if (!task) {
          break;
        }
        active += 1;
        const own = new Subscription();
        running.add(own);
        own.add(
          task.subscribe({
            next: (value) => subscriber.next(value),
            error: (error: unknown) => subscriber.error(error),
            complete: () => {
              running.remove(own);
              active -= 1;
              advance();
            },
          })
        );
      }
      if (active === 0) {
        subscriber.complete();
      }
    };
    advance();
    return running;
  });
}
