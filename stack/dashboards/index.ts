import { country } from './country';
import { monthly } from './monthly';
import { operator } from './operator';
import { overview } from './overview';
import { service } from './service';
import { user } from './user';

/** The dashboards that the plugin ships, in the order in which Grafana lists them. */
export const dashboards = [overview, monthly, service, user, country, operator];
