import { Observable, Subscription } from 'rxjs';

/** A task that was begun, and what it has emitted so far. */
interface Begun<T> {
  values: T[];
  isDone: boolean;
}

/**
 * Runs tasks and passes on what they emit, in the order of the tasks. `next` gives the next task, or undefined as long as there is none; it is
 * asked when no more than `ahead()` tasks are begun and not yet passed on. So the task after those is made with what exactly the same ones
 * before it taught, however long each of them takes: the same question makes the same tasks. It ends when nothing runs and
 * there is no next one. How many requests an upstream is sent at once is not decided here (`Gate`).
 *
 * Errors as the tasks do, at once; those who give tasks that may fail handle that inside of them.
 */
export function runTasks<T>(next: () => Observable<T> | undefined, ahead: () => number): Observable<T> {
  return new Observable<T>((subscriber) => {
    const running = new Subscription();
    const queue: Array<Begun<T>> = [];
    let isAdvancing = false;
    const begin = (task: Observable<T>) => {
      const begun: Begun<T> = { values: [], isDone: false };
      queue.push(begun);
      const own = new Subscription();
      running.add(own);
      own.add(
        task.subscribe({
          next: (value) => begun.values.push(value),
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            running.remove(own);
            begun.isDone = true;
            advance();
          },
        })
      );
    };
    const fill = () => {
      while (!subscriber.closed && queue.length < ahead()) {
        const task = next();
        if (!task) {
          return;
        }
        begin(task);
      }
    };
    /** Tasks that end at once, or a listener that makes one end, come back here: the loop sees to them. */
    const advance = () => {
      if (isAdvancing) {
        return;
      }
      isAdvancing = true;
      fill();
      while (queue[0]?.isDone && !subscriber.closed) {
        queue.shift()?.values.forEach((value) => subscriber.next(value));
        fill();
      }
      isAdvancing = false;
      if (queue.length === 0) {
        subscriber.complete();
      }
    };
    advance();
    return running;
  });
}
