import { createStages, progressText, startProgress } from './progress';

describe('progressText', () => {
  it('estimates what is left from what is done', () => {
    const text = progressText({ total: 4_000, unit: 'lines', done: 1_000, elapsedMilliseconds: 20_000 });
    expect(text).toBe('25 % (1,000 of 4,000 lines), 20 s, about 1 min 00 s left');
  });

  it('promises nothing before the first unit is done', () => {
    expect(progressText({ total: 4, done: 0, elapsedMilliseconds: 3_000 })).toBe('0 % (0 of 4), 3.0 s');
  });

  it('never says more than 100 %', () => {
    expect(progressText({ total: 4, done: 5, elapsedMilliseconds: 1_000 })).toMatch(/^100 %/);
  });

  it('compares with the expected time where nothing can be counted', () => {
    expect(progressText({ expectedMilliseconds: 480_000, elapsedMilliseconds: 60_000 })).toBe(
      '1 min 00 s of about 8 min 00 s'
    );
  });
});

describe('startProgress', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('writes a line every 15 s where there is no terminal, and one at the end', () => {
    const written: string[] = [];
    const progress = startProgress('push', { total: 10, output: { write: (text) => written.push(text) } });
    progress.update(5);
    jest.advanceTimersByTime(14_000);
    expect(written).toEqual([]);
    jest.advanceTimersByTime(1_000);
    progress.end('done');
    progress.end('again');
    expect(written).toEqual(['   push: 50 % (5 of 10), 15 s, about 15 s left\n', '   push: done (15 s)\n']);
  });

  it('rewrites one line of a terminal without wrapping it', () => {
    const written: string[] = [];
    const output = { isTTY: true, columns: 12, write: (text: string) => written.push(text) };
    const progress = startProgress('push', { output });
    jest.advanceTimersByTime(500);
    progress.end();
    expect(written).toEqual(['\r\x1b[K   push: 0.', '\r\x1b[K']);
  });
});

describe('createStages', () => {
  it('prints and keeps the time of each stage, of a failed one too', async () => {
    const lines: string[] = [];
    const stages = createStages((line) => lines.push(line));
    await expect(stages.run('one', async () => 7)).resolves.toBe(7);
    await expect(stages.run('two', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(stages.times().map(({ name }) => name)).toEqual(['one', 'two']);
    expect(lines[1]).toMatch(/one: took/);
    expect(lines[3]).toMatch(/two: failed after/);
  });
});
