import { type OpenStack } from '../../../stack/openStack';
import { type Range } from '../../../stack/traffic';
import { type Workbench } from '../../../stack/workbench/server';
import { type Checks } from './checks';
import { type WorkbenchPage } from './workbenchPage';

/** What every stage of the browser tests works with. */
export interface Circumstances {
  on: WorkbenchPage;
  workbench: Workbench;
  stack: OpenStack;
  /** The last 30 days of the data; whole hours, the end exclusive. */
  range: Range;
  checks: Checks;
}
