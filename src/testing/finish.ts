import { type Work } from '../core/runtime/turns';

/** The result of work that nothing interrupts. */
export function finish<T>(work: Work<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) {
      return value;
    }
  }
}
