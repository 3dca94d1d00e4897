/** What a benchmark is given and what it gives back. */
import type { Check } from './check'
import type { topFunctions } from './profile'

export interface BenchOptions {
  /** Also record where the time goes. */
  readonly prof: boolean
}

export interface BenchResult {
  readonly title: string
  readonly text: string
  readonly checks: readonly Check[]
  /** Plain data for `--json`. */
  readonly figures: object
  readonly profiles?: readonly Parameters<typeof topFunctions>[0][]
}
