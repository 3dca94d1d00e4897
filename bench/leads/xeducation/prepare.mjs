/**
 * What a mapping cannot say about a row of this file: seconds as minutes, and what "do not" denies.
 * In a flow of one's own, a change node before lead-ingest does this.
 *
 * @param {Readonly<Record<string, string>>} row
 */
export function prepare(row) {
  const seconds = row['Total Time Spent on Website']
  return {
    ...row,
    Minutes: seconds === '' ? '' : Math.floor(Number(seconds) / 60),
    'Do Not Email': yes(row['Do Not Email']),
    'Phone consent': yes(row['Do Not Call']) ? 'denied' : '',
    'A free copy of Mastering The Interview': yes(row['A free copy of Mastering The Interview']),
  }
}

/** @param {string | undefined} word */
function yes(word) {
  return word?.trim().toLowerCase() === 'yes'
}
