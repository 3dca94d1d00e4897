/** A part of a long list that is ordered by time and looked through piece by piece. */

export interface Cursor<Id> {
  /** Epoch ms. */
  readonly ms: number
  readonly id: Id
}

/** Before everything in a list whose ids are texts. */
export const FROM_THE_START: Cursor<string> = { ms: Number.MIN_SAFE_INTEGER, id: '' }

/** Some of what was looked at may be left out. */
export interface Page<Item, Id> {
  readonly items: readonly Item[]
  /** Behind what the next one begins; absent when there is none. */
  readonly next?: Cursor<Id>
}

/** The page that `rows`, at most `limit` of them, come to. */
export function pageOf<Row extends Cursor<Id>, Id, Item>(
  rows: readonly Row[],
  limit: number,
  itemsOf: (row: Row) => Item[],
): Page<Item, Id> {
  const items = rows.flatMap(itemsOf)
  const last = rows.at(-1)
  return rows.length < limit || last === undefined
    ? { items }
    : { items, next: { ms: last.ms, id: last.id } }
}
