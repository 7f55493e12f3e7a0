/** A function below its callers. */
export interface FlameNode {
  name: string;
  /** Time in it and in what it calls. */
  ms: number;
  below: readonly FlameNode[];
}

const width = 1200;
const rowHeight = 17;
/** Narrower boxes are left out. */
const minWidth = 0.5;
const characterWidth = 6.6;

/** A flame graph as SVG: callers stand on top, and the width is the time. */
export function flameGraph(root: FlameNode, title: string): string {
  const boxes: string[] = [];
  let depth = 0;
  const draw = (node: FlameNode, left: number, level: number): void => {
    const own = (node.ms / root.ms) * width;
    if (own < minWidth) {
      return;
    }
    depth = Math.max(depth, level + 1);
    boxes.push(boxOf(node, { left, own, level, share: node.ms / root.ms }));
    let start = left;
    for (const child of [...node.below].sort((a, b) => b.ms - a.ms)) {
      draw(child, start, level + 1);
      start += (child.ms / root.ms) * width;
    }
  };
  if (root.ms > 0) {
    draw(root, 0, 1);
  }
  const height = (depth + 1) * rowHeight;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="monospace" font-size="11">`,
    `<text x="4" y="12">${escapeXml(`${title}, ${Math.round(root.ms)} ms busy`)}</text>`,
    ...boxes,
    '</svg>',
    '',
  ].join('\n');
}

function boxOf(
  { name, ms }: FlameNode,
  { left, own, level, share }: { left: number; own: number; level: number; share: number }
): string {
  const y = level * rowHeight;
  const text = own < 30 ? '' : escapeXml(name.slice(0, Math.floor((own - 4) / characterWidth)));
  const hue = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 55;
  return (
    `<g><title>${escapeXml(name)}: ${ms.toFixed(1)} ms, ${(share * 100).toFixed(1)} %</title>` +
    `<rect x="${left.toFixed(1)}" y="${y}" width="${own.toFixed(1)}" height="${rowHeight - 1}" fill="hsl(${hue} 80% 65%)"/>` +
    `<text x="${(left + 2).toFixed(1)}" y="${y + 12}">${text}</text></g>`
  );
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
