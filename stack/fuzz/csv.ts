/** The rows of a text by RFC 4180, with line feeds alone, too. Throws where a quotation does not end. */
export function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  let isOpen = text !== '';
  while (isOpen) {
    const at = cell.lastIndex;
    const found = cell.exec(text);
    if (!found) {
      throw new Error(`no cell at ${JSON.stringify(text.slice(at, at + 20))}`);
    }
    const [, quoted, plain = '', end] = found;
    row.push(quoted === undefined ? plain : quoted.replace(/""/g, '"'));
    if (end !== ',') {
      rows.push(row);
      row = [];
      isOpen = cell.lastIndex < text.length;
    }
  }
  return rows;
}
