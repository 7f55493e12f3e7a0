import { applyRawFieldOverrides, type DataFrame, dateTimeFormat, toCSV } from '@grafana/data';

/**
 * The file that "Download CSV" of Grafana's inspector gives for a frame. `formatted` is its switch "Formatted data", which
 * is on by default there: values as the panel shows them.
 */
export function downloadCsv(frame: DataFrame, title: string, formatted: boolean): void {
  const [written = frame] = formatted ? [frame] : applyRawFieldOverrides([frame]);
  const blob = new Blob([toCSV([written])], { type: 'text/csv;charset=utf-8' });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `${title}-data-${dateTimeFormat(new Date())}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}
