import { type WorkbenchPage } from './workbenchPage';

/** The marks in the header of a panel, beside that of its description. */
export interface Marks {
  panel: string;
  warning: number;
  info: number;
  /** Characters of all marks. */
  characters: number;
}

/** What each panel says about its own figures. */
export async function marksOf(on: WorkbenchPage, panels: readonly string[]): Promise<Marks[]> {
  const marks: Marks[] = [];
  for (const panel of panels) {
    const labels = await on
      .panel(panel)
      .getByRole('img', { name: /^(?:warning|info): / })
      .evaluateAll((found) => found.map((mark) => mark.getAttribute('aria-label') ?? ''));
    const countOf = (severity: string) => labels.filter((label) => label.startsWith(severity)).length;
    marks.push({
      panel,
      warning: countOf('warning'),
      info: countOf('info'),
      characters: labels.reduce((sum, { length }) => sum + length, 0),
    });
  }
  return marks;
}

/** One line for each panel that has marks, and their sum. */
export function marksTable(marks: readonly Marks[]): string {
  const lines = marks
    .filter(({ warning, info }) => warning + info > 0)
    .map(
      ({ panel, warning, info, characters }) => `${panel}: ${warning} warning, ${info} info, ${characters} characters`
    );
  const sum = marks.reduce((all, { warning, info }) => all + warning + info, 0);
  return [...lines, `${sum} marks on ${marks.length} panels`].join('\n   ');
}
