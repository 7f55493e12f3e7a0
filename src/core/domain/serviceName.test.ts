import { isServiceName, toServiceKey } from './serviceName';

it.each(['a', '0', 'a-b', 'a'.repeat(63), 'a--b'])('accepts %s', (name) => {
  expect(isServiceName(name)).toBe(true);
  expect(toServiceKey(name)).toBe(name);
});

it.each(['', '-a', 'a-', 'A', 'a.b', 'a_b', 'a b', 'a\n', 'a'.repeat(64), '\u00e9'])('refuses %p', (name) => {
  expect(isServiceName(name)).toBe(false);
  expect(toServiceKey(name)).toBe('(invalid)');
});
