import { type Locator, type Page } from 'playwright-core';

import { minuteMs } from '../../../src/core/domain/duration';
import { type QueryType } from '../../../src/core/query';
import { questions } from '../../../src/grafana/editors/questions';
import { selectors } from '../../../src/grafana/editors/selectors';
import { type Range } from '../../../stack/traffic';
import { type PackageSet } from '../../../stack/workbench/packageSets';

export type Theme = 'dark' | 'light';

/** Ends what hangs: nothing depends on how fast the machine is. */
export const patienceMs = 600_000;

export interface Place {
  page: 'dashboard' | 'query' | 'config';
  theme?: Theme;
  /** The end exclusive. */
  range?: Range;
}

/** What a person does on the workbench, and sees there. */
export class WorkbenchPage {
  /** Errors that nobody caught, and what the page wrote as an error of its own. */
  readonly problems: string[] = [];

  constructor(
    readonly page: Page,
    private readonly url: string,
    /** What the page is made of. */
    readonly packages: PackageSet
  ) {
    page.setDefaultTimeout(patienceMs);
    page.on('pageerror', (error) => this.problems.push(String(error.stack ?? error)));
  }

  /** Loads the page anew, so that nothing of an earlier check is left in its memory. */
  async open({ page, theme = 'dark', range }: Place): Promise<void> {
    const time = range && { from: iso(range.from), to: iso(range.to - 1) };
    await this.page.goto(`${this.url}/?${new URLSearchParams({ page, theme, ...time })}`);
    await this.page.getByRole('tablist').waitFor();
  }

  /** Waits until the answer to a query of this type is there, or one without a frame; gives state and number of rows. */
  async answer(type: QueryType | 'nothing'): Promise<{ state: string; rows: number }> {
    const status = this.page
      .getByTestId('workbench-status')
      .filter({ hasText: new RegExp(`^(Done|Error): .* ${type}$`) });
    await status.waitFor();
    const [, state = '', rows = ''] = /^(\w+): (\d+) rows/.exec((await status.textContent()) ?? '') ?? [];
    return { state, rows: Number(rows) };
  }

  async ask(type: QueryType): Promise<void> {
    await this.choose(selectors.queryEditor.question.label, questions[type].title);
  }

  /** Opens the drop-down of this label and clicks the option. */
  async choose(label: string, option: string): Promise<void> {
    await this.page.getByRole('combobox', { name: label, exact: true }).click();
    await this.page.getByRole('option', { name: option }).first().click();
  }

  panel(title: string): Locator {
    return this.page.getByTestId(`data-testid Panel header ${title}`);
  }

  /** Clicks the button that asks everything again, and waits until this has begun; a refresh may be over in no time. */
  async refresh(): Promise<void> {
    const button = this.page.getByTestId('data-testid RefreshPicker run button');
    await button.evaluate((element) => {
      const parent = element.parentElement ?? element;
      const observer = new MutationObserver(() => {
        if (parent.textContent?.includes('Cancel')) {
          observer.disconnect();
          parent.dataset.refreshed = 'yes';
        }
      });
      observer.observe(parent, { subtree: true, childList: true, characterData: true });
    });
    await button.click();
    await this.page.locator('[data-refreshed]').waitFor();
    await this.dashboardDrawn();
  }

  /** Types into what has the focus, one key after the other has arrived: a field that is drawn anew may lose some. */
  async type(text: string): Promise<void> {
    for (let length = 1; length <= text.length; length += 1) {
      const typed = text.slice(0, length);
      await this.page.keyboard.press(typed.slice(-1));
      await this.page.waitForFunction(
        (expected) => (document.activeElement as HTMLInputElement | null)?.value === expected,
        typed
      );
    }
  }

  /**
   * Opens closed rows, makes the window as high as the dashboard, because a panel is loaded when it comes into view, and waits for
   * all of them.
   */
  async wholeDashboard(panels: number): Promise<void> {
    await this.dashboardDrawn();
    const closedRows = this.page.getByRole('button', { name: /expand.row/i });
    const openRows = this.page.getByRole('button', { name: /collapse.row/i });
    const contents = this.page.getByTestId('data-testid panel content');
    // A row is there only when it comes into view, and one that opens makes the page higher a little later.
    do {
      if ((await closedRows.count()) > 0) {
        const row = (await closedRows.first().getAttribute('data-testid')) ?? '';
        await closedRows.first().click();
        // A second click would close it again.
        await this.page.getByTestId(row).and(openRows).waitFor();
      }
      const [width, height] = await this.page.evaluate(() => [
        window.innerWidth,
        document.documentElement.scrollHeight,
      ]);
      await this.page.setViewportSize({ width: width ?? 0, height: height ?? 0 });
      await this.page.waitForTimeout(200);
    } while ((await contents.count()) !== panels);
    await this.dashboardDrawn();
  }

  /**
   * Waits until every panel that is in view has its answer. One that left the view before its variables were known keeps its
   * loading bar until it comes into view again. Throws an error that names the panels that never got theirs.
   */
  async dashboardDrawn(): Promise<void> {
    await this.page.getByTestId('data-testid panel content').first().waitFor();
    // While anything is under way, the button offers to cancel it.
    await this.page.getByTestId('data-testid RefreshPicker run button').filter({ hasText: 'Refresh' }).waitFor();
    let undrawn: string[] = [];
    const deadline = Date.now() + patienceMs;
    do {
      if (Date.now() > deadline) {
        throw new Error(`still not drawn after ${patienceMs / minuteMs} minutes: ${undrawn.join(', ')}`);
      }
      undrawn = await this.page.evaluate(titlesOfUndrawn);
      await this.page.waitForTimeout(undrawn.length > 0 ? 50 : 0);
    } while (undrawn.length > 0);
  }

  /** The figures of a stat panel by name; a panel with one figure without a name has it under ''. */
  async figures(title: string): Promise<Record<string, string>> {
    const texts = await this.panel(title).getByTestId('data-testid panel content').innerText();
    const lines = texts
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
    const pairs = lines.length === 1 ? ['', ...lines] : lines;
    return Object.fromEntries(
      Array.from({ length: Math.floor(pairs.length / 2) }, (_, index) => pairs.slice(2 * index, 2 * index + 2))
    );
  }

  /** The visible rows of a table by column name; a table draws only as many as fit. */
  async rows(title: string): Promise<Array<Record<string, string>>> {
    const table = this.page.getByRole('table', { name: title, exact: true });
    await table.waitFor();
    const names = (await table.getByRole('columnheader').allInnerTexts()).map((name) => name.trim());
    const rows = await table.getByTestId('data-testid table body').getByRole('row').all();
    return Promise.all(
      rows.map(async (row) => {
        const cells = await row.getByRole('cell').allInnerTexts();
        return Object.fromEntries(cells.map((cell, index) => [names[index] ?? '', cell.trim()]));
      })
    );
  }

  /** Presses Tab until the control has the focus. Throws when it never gets it. */
  async tabTo(control: Locator): Promise<void> {
    for (let presses = 0; presses < 60; presses++) {
      if (await control.evaluate((element) => element === document.activeElement)) {
        return;
      }
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not reach ${String(control)}`);
  }
}

/** Runs in the page: the titles of the panels in view that are loading, or empty. */
function titlesOfUndrawn(): string[] {
  return [...document.querySelectorAll('[data-testid^="data-testid Panel header"]')]
    .filter((panel) => {
      const { top, bottom } = panel.getBoundingClientRect();
      const content = panel.querySelector('[data-testid="data-testid panel content"]');
      const isEmpty = content?.textContent === '' && content.querySelector('canvas') === null;
      return (
        bottom > 0 &&
        top < window.innerHeight &&
        (isEmpty || panel.querySelector('[aria-label="Panel loading bar"]') !== null)
      );
    })
    .map((panel) => panel.getAttribute('data-testid') ?? '');
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
