import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Runs the files of a plugin that it loads later on: webpack's runtime puts a script element into the page's head for each of them and waits
 * for its `load` or `error`. `baseUrl` is the plugin's path below the page's.
 */
export function runScriptsOf(directory: string, baseUrl: string): void {
  const { head } = document;
  const append = head.appendChild.bind(head);
  head.appendChild = <T extends Node>(node: T): T => {
    const path = node instanceof HTMLScriptElement ? new URL(node.src).pathname : '';
    if (!path.startsWith(`/${baseUrl}/`)) {
      return append(node);
    }
    // Of the page's own kind: Node has an `Event`, too.
    const event = new window.Event(runs(join(directory, basename(path))) ? 'load' : 'error');
    setTimeout(() => node.dispatchEvent(event), 0);
    return node;
  };
}

function runs(file: string): boolean {
  try {
    // As the browser does: the file registers itself with the runtime in module.js, by a global.
    new Function(readFileSync(file, 'utf8'))();
    return true;
  } catch {
    return false;
  }
}
