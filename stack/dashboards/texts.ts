/** What the figures of a report mean, for people who have no other document at hand. */
export const definitions = `
- **Requests**: calls of a service through OSCAR's manager, one POST to \`/run\` (sync) or \`/job\` (async) each, whether they succeeded or **failed**. Total = sync + async.
- **Exposed** requests reach a service through the ingress controller. They are counted separately and never part of the total.
- **Rejected** requests were refused before anybody processed them. They are counted separately and belong to no service, user or country.
- **Users**: distinct user ids with a request, technical users included. They are never added up over months, services or countries: a person in two rows is one person.
- **Member**, **external**: by the way in which a user authenticated, or by the roster; **unknown** where neither is known.
- **Countries**: of the address that a request came from, as far as it is known. Requests without a known country are *unknown* and belong to no country.
- **Services**: services with a request of any kind, except rejected ones, or with CPU time; services that were deleted since are included.
- **CPU hours**: CPU time that the containers of services used, in hours. **GPU hours**: the time for which GPUs were allocated to them, or busy, in hours. Both come from samples.
- **Period**: both ends belong to it, in the time zone of this dashboard. A request belongs to the time at which it was logged.
- **Status**: *ok*: exact for the whole period. *partial*: some of the data is missing or in doubt, as the row says; the figure is shown. *missing*: unknown, and the cell is empty. An empty cell never means 0.
`.trim();

const line = (length: number) => '\\_'.repeat(length);

/** For paper. */
export const signature = `
I have looked at the completeness and the reconciliation of this report.

Name: ${line(28)}  Place and date: ${line(24)}  Signature: ${line(28)}
`.trim();

/** Where somebody finds what the figures of a page cost. */
export const cost = `
- *Inspect* > *Query* of any panel says how many requests were sent to Loki and Prometheus since the dashboard was opened or refreshed, what each of them was for, and how much came from memory. Settled days are read once; with usage records they are not read from the logs at all.
- The column *Notes* above says for each source how many days come from usage records, and why others do not.
- The dashboard *Log pipeline*, linked above where it is deployed, shows what arrives in Loki, what is lost on the way, and how long Loki takes to answer.
`.trim();
