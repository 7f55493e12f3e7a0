/** The page's own style; on paper A4, with whole charts and rows. */
export const styles = `
@page { size: A4; margin: 16mm 14mm; }
* { box-sizing: border-box; }
body { font: 14px/1.45 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; color: #111827; background: #fff;
  max-width: 960px; margin: 0 auto; padding: 24px; }
h1 { font-size: 26px; margin: 0 0 4px; }
h2 { font-size: 18px; margin: 28px 0 8px; border-bottom: 1px solid #d1d5db; padding-bottom: 4px; break-after: avoid; }
header p { color: #4b5563; margin: 0 0 16px; }
.status { border-left: 5px solid; padding: 8px 14px; border-radius: 3px; }
.status p, .status ul { margin: 2px 0; }
.status ul { padding-left: 20px; overflow-wrap: anywhere; font-size: 0.93em; }
.whole { border-color: #15803d; background: #f0fdf4; }
.status.doubt { border-color: #d97706; background: #fffbeb; }
.figures { display: grid; grid-template-columns: repeat(4, 1fr); gap: 10px; margin: 16px 0; padding: 0; list-style: none; }
.figures li { border: 1px solid #d1d5db; border-radius: 4px; padding: 8px 12px; break-inside: avoid; }
.figures b { display: block; font-size: 22px; font-variant-numeric: tabular-nums; }
.figures span { color: #4b5563; font-size: 12px; }
.figures em { float: right; color: #92400e; font-size: 12px; font-style: normal; font-weight: 600; }
figure { margin: 14px 0; break-inside: avoid; }
figcaption { font-weight: 600; margin-bottom: 4px; }
.key { font-weight: 400; margin-left: 14px; font-size: 12px; }
.key i { display: inline-block; width: 10px; height: 10px; }
svg { width: 100%; height: auto; display: block; }
svg text { font-size: 11px; fill: #374151; }
table { border-collapse: collapse; width: 100%; font-size: 12.5px; margin: 4px 0 10px; font-variant-numeric: tabular-nums; }
h3 { font-size: 1em; margin: 14px 0 0; break-after: avoid; }
.times { break-inside: avoid; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { text-align: left; padding: 3px 8px; border-bottom: 1px solid #e5e7eb; vertical-align: top; overflow-wrap: break-word; }
td:not(.number) { overflow-wrap: anywhere; }
.times td:nth-child(4), .times td:nth-child(5), .times th { white-space: nowrap; }
thead th { border-bottom: 2px solid #9ca3af; overflow-wrap: normal; }
tbody th { font-weight: 400; overflow-wrap: break-word; }
th.number, td.number { text-align: right; overflow-wrap: normal; white-space: nowrap; }
td.doubt { color: #92400e; font-weight: 600; }
.note { color: #6b7280; font-size: 12px; margin: 2px 0; }
dl div { display: grid; grid-template-columns: 150px 1fr; gap: 10px; padding: 3px 0; break-inside: avoid; }
dt { font-weight: 600; }
dd { margin: 0; }
@media print {
  body { max-width: none; padding: 0; font-size: 11px; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  table { font-size: 10px; }
  .figures b { font-size: 17px; }
}
@media (max-width: 640px) { .figures { grid-template-columns: repeat(2, 1fr); } table { display: block; overflow-x: auto; } }
`;
