/**
 * A text in one line. What somebody sent may stand in a fault or in a trail, and shall not look like a
 * line of its own there, neither to who reads it nor to a program.
 */
const BREAKS = /[\p{Cc}\u2028\u2029]+/gu

export function inOneLine(text: string): string {
  return text.replace(BREAKS, ' ')
}
