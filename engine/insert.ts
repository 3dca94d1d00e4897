/**
 * Puts an item into a short list where it belongs; among equals it comes last. Lists that come nearly
 * in order, as these do, need one look per item, and none of the memory that sorting takes.
 */
export function insert<T>(list: T[], item: T, order: (a: T, b: T) => number): void {
  let place = list.length
  for (; place > 0 && order(item, list[place - 1]!) < 0; place--) list[place] = list[place - 1]!
  list[place] = item
}
