import { FetchQueue } from './fetchQueue';

function startMany(queue: FetchQueue, count: number) {
  const started: number[] = [];
  const releases = Array.from({ length: count }, (_, index) => queue.enqueue('data', () => started.push(index)));
  return { started, release: (index: number) => releases[index]?.() };
}

describe('FetchQueue', () => {
  it('starts no more than the limit and goes on in the order of arrival', () => {
    const { started, release } = startMany(new FetchQueue(2), 4);
    expect(started).toEqual([0, 1]);
    release(1);
    expect(started).toEqual([0, 1, 2]);
    release(0);
    expect(started).toEqual([0, 1, 2, 3]);
  });

  it('drops what is released while it waits', () => {
    const { started, release } = startMany(new FetchQueue(1), 3);
    release(1);
    release(0);
    expect(started).toEqual([0, 2]);
  });

  it('frees one slot only, however often it is released', () => {
    const { started, release } = startMany(new FetchQueue(1), 3);
    release(0);
    release(0);
    expect(started).toEqual([0, 1]);
  });

  it('never lets API requests wait, but counts them', () => {
    const queue = new FetchQueue(1);
    const started: string[] = [];
    queue.enqueue('api', () => started.push('first'));
    const release = queue.enqueue('api', () => started.push('second'));
    queue.enqueue('data', () => started.push('data'));
    expect(started).toEqual(['first', 'second']);
    release();
    expect(started).toEqual(['first', 'second']);
  });

  it('survives a start that releases at once', () => {
    const queue = new FetchQueue(1);
    const started: number[] = [];
    for (let index = 0; index < 3; index++) {
      queue.enqueue('data', () => started.push(index))();
    }
    expect(started).toEqual([0, 1, 2]);
  });

  it('refuses a limit below one', () => {
    expect(() => new FetchQueue(0)).toThrow('at least 1, not 0');
  });
});
