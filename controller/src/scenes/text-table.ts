/** Columns a text takes on a terminal: what stands wide there counts twice. */
function widthOf(text: string): number {
  return [...text].reduce((sum, char) => sum + (/[\u2e80-\u9fff\uff00-\uff60]/.test(char) ? 2 : 1), 0)
}

/** Rows as lines: the first column to the left, the others to the right. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map(row => row.length))
  const widths = Array.from({ length: columns }, (_, at) => Math.max(...rows.map(row => widthOf(row[at] ?? ''))))
  const cells = (row: readonly string[]): string[] =>
    row.map((text, at) => {
      const room = ' '.repeat((widths[at] ?? 0) - widthOf(text))
      return at === 0 ? text + room : room + text
    })
  return rows.map(row => `${cells(row).join('  ').trimEnd()}\n`).join('')
}
