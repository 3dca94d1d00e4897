/** Figures as people read them: aligned columns, thousands apart, percent. */

/** Rows of cells below a header; numbers (and texts that begin with a digit) stand to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]!.length)),
  )
  const right = header.map((_, column) => rows.every((row) => /^([-+]?\d|–|$)/.test(row[column]!)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        right[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd()
  return [line(header), ...rows.map(line)].map((text) => `  ${text}`).join('\n')
}

export const whole = (value: number): string => Math.round(value).toLocaleString('en-US')

export const percent = (share: number | undefined): string =>
  share === undefined ? '–' : `${(share * 100).toFixed(1)} %`

export const fixed = (value: number | undefined, digits: number): string =>
  value === undefined ? '–' : value.toFixed(digits)
