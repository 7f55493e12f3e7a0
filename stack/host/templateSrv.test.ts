import { HostTemplateSrv } from './templateSrv';

const templateSrv = new HostTemplateSrv();
templateSrv.setVariables([
  { name: 'service', value: ['cowsay', 'yolo.v8'], multi: true },
  { name: 'one', value: 'a' },
]);

test.each([
  ['$one and ${one} and [[one]]', undefined, 'a and a and a'],
  ['$service', undefined, '{cowsay,yolo.v8}'],
  ['${service:csv}', undefined, 'cowsay,yolo.v8'],
  ['$service', 'pipe', 'cowsay|yolo.v8'],
  ['$service', 'regex', '(cowsay|yolo\\.v8)'],
  ['${service:json}', 'csv', '["cowsay","yolo.v8"]'],
  ['$unknown', undefined, '$unknown'],
])('replaces %s (%s)', (text, format, expected) => {
  expect(templateSrv.replace(text, undefined, format)).toBe(expected);
});

it('calls a format function with the value and the variable', () => {
  const format = jest.fn((value: string[]) => value.join('+'));
  expect(templateSrv.replace('x$service', undefined, format)).toBe('xcowsay+yolo.v8');
  expect(format.mock.calls[0]).toEqual([
    ['cowsay', 'yolo.v8'],
    expect.objectContaining({ name: 'service' }),
    expect.any(Function),
  ]);
});

it('prefers scoped variables', () => {
  expect(templateSrv.replace('${one}', { one: { value: 'b', text: 'b' } })).toBe('b');
  expect(templateSrv.replace('${row.name}', { row: { value: { name: 'c' } } })).toBe('c');
});

it('says whether a text contains a known variable', () => {
  expect(templateSrv.containsTemplate('a $one')).toBe(true);
  expect(templateSrv.containsTemplate('a $other')).toBe(false);
});

it('lists the variables', () => {
  expect(templateSrv.getVariables().map(({ name }) => name)).toEqual(['service', 'one']);
});
