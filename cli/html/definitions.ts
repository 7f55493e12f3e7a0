import { type Settings } from '../../src/core/settings';

/** A word of the page and what it means. */
export interface Definition {
  word: string;
  meaning: string;
}

/** What the figures of the page count, as the options have it; `docs/definitions.md` has the whole of it. */
export function definitionsOf(settings: Settings): Definition[] {
  const counts = settings.rejectedRequests === 'count';
  return [
    {
      word: 'Requests',
      meaning: `calls of services, counted one by one from the log of the OSCAR manager: sync (to /run) and async (to /job)${counts ? ', those that nobody processed included' : ''}.`,
    },
    {
      word: 'Exposed requests',
      meaning:
        'calls of services that are exposed to the web, from the log of the ingress controller. They are not part of the requests.',
    },
    {
      word: 'Failed',
      meaning:
        'requests that were answered with a status of 400 or above, and were not rejected. They are part of the requests.',
    },
    {
      word: 'Rejected',
      meaning: `requests that were answered before anybody processed them, such as those without valid credentials. They are ${counts ? '' : 'not '}part of the requests.`,
    },
    {
      word: 'Users',
      meaning:
        'distinct user ids in the log, technical ones included. One person counts once in each row and once in the whole, so that rows do not add up.',
    },
    {
      word: 'Membership',
      meaning:
        'member: signed in by OIDC, on the roster, or with an id of that form; external: other known ways to authenticate; unknown: the rest.',
    },
    {
      word: 'Countries',
      meaning:
        'where the address of the caller is, as the proxy reported it. Shares are of the requests whose country is known; the others are unknown.',
    },
    {
      word: 'Services',
      meaning:
        'services with a request or CPU time in the range, deleted ones included. (invalid) is what names no service, (unattributed) is use that belongs to no service, (others) is all that have no row of their own.',
    },
    {
      word: 'CPU hours',
      meaning: 'CPU seconds used by the containers of services, divided by 3600, measured by samples.',
    },
    {
      word: 'GPU hours',
      meaning: 'hours for which GPUs were allocated to services, or else were busy; the notes say which.',
    },
    {
      word: 'Complete',
      meaning:
        'every figure is exact for its range. Otherwise the figures concerned are marked partial, with the reason, or missing, and are then empty rather than 0.',
    },
    ...(settings.users === 'full' && settings.smallestGroup <= 1
      ? []
      : [{ word: 'Data protection', meaning: privacyOf(settings) }]),
  ];
}

function privacyOf({ users, smallestGroup }: Settings): string {
  return [
    ...(users === 'pseudonym' ? ['user ids are shown as pseudonyms.'] : []),
    ...(users === 'hidden' ? ['user ids are not shown.'] : []),
    ...(smallestGroup > 1 ? [`users and countries of groups of fewer than ${smallestGroup} users are not shown.`] : []),
  ].join(' ');
}
