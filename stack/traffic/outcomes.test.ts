import { exposedOutcomeOf, outcomeOf } from './outcomes';

// The contract's counting rule 1.
it.each([
  [200, 'u1', 'succeeded'],
  [201, 'oscar', 'succeeded'],
  [302, 'u1', 'succeeded'],
  [400, 'u1', 'failed'],
  [400, 'oscar', 'rejected'],
  [401, 'u1', 'rejected'],
  [403, 'u1', 'rejected'],
  [404, 'oscar', 'rejected'],
  [405, 'u1', 'rejected'],
  [429, 'oscar', 'failed'],
  [500, 'oscar', 'failed'],
  [502, 'u1', 'failed'],
  [502, 'oscar', 'rejected'],
])('gives a %i of %s the outcome %s', (status, user, outcome) => {
  expect(outcomeOf(status, user)).toBe(outcome);
});

it.each([
  [404, true, 'succeeded'],
  [404, false, 'rejected'],
  [502, false, 'succeeded'],
  [200, false, 'succeeded'],
])('gives an exposed request with %i, backend: %s, the outcome %s', (status, hasBackend, outcome) => {
  expect(exposedOutcomeOf(status, hasBackend)).toBe(outcome);
});
