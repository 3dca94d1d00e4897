/** A target, and what was found: for the table, for `--json`, and for the exit code of `--check`. */

export interface Check {
  readonly name: string
  readonly want: string
  readonly got: string
  readonly ok: boolean
}

export function atLeast(name: string, want: number, got: number | undefined, digits = 2): Check {
  const ok = got !== undefined && got >= want
  return { name, want: `≥ ${want}`, got: got === undefined ? 'nothing' : got.toFixed(digits), ok }
}

export function holds(name: string, ok: boolean, got: string, want = 'yes'): Check {
  return { name, want, got, ok }
}

/** One line per target, the ones that fall short marked. */
export function checkLines(checks: readonly Check[]): string {
  return checks
    .map(({ name, want, got, ok }) => {
      const wanted = want === 'yes' ? '' : ` (want ${want})`
      return `  ${ok ? 'ok  ' : 'FAIL'}  ${name}: ${got}${wanted}`
    })
    .join('\n')
}
