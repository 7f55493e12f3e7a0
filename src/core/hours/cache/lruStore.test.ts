import { LruStore } from './lruStore';

it('drops what was not used for longest', () => {
  const store = new LruStore<{ size: number }>(10);
  store.set('a', { size: 4 });
  store.set('b', { size: 4 });
  expect(store.get('a')).toEqual({ size: 4 });
  store.set('c', { size: 4 });
  expect(store.get('b')).toBeUndefined();
  expect(store.get('a')).toBeDefined();
  expect(store.get('c')).toBeDefined();
});

it('counts a window that is set again once', () => {
  const store = new LruStore<{ size: number }>(10);
  store.set('a', { size: 6 });
  store.set('a', { size: 6 });
  store.set('b', { size: 4 });
  expect(store.get('a')).toBeDefined();
});

it('keeps nothing that is larger than all it may hold', () => {
  const store = new LruStore<{ size: number }>(1);
  store.set('a', { size: 2 });
  expect(store.get('a')).toBeUndefined();
});
