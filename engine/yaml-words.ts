/**
 * What the YAML parser says, in the words of somebody who writes YAML and not parsers of it: what
 * stands there, and what to write. What is not listed is said in the parser's own words.
 */
const SETTING =
  'expected "name: value", with a space behind the colon and as far in as the settings beside it'

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^Implicit keys need to be on a single line|^Implicit map keys need/, SETTING],
  [
    /^Nested mappings are not allowed in compact/,
    'a second ": " in one value, or a line too far in; put a text that holds ": " in quotes',
  ],
  [
    /^Sequence item without - indicator/,
    'expected the "-" of the next entry, or a setting as far in as the others of this entry',
  ],
  [/^All sequence items must start/, 'the "-" of every entry of a list must stand equally far in'],
  [/^All mapping items must start/, 'every setting of one part must stand equally far in'],
  [/^Flow (map|sequence) in block/, 'a "{" or "[" before this place is not closed'],
  [/^Missing , or : between flow/, 'expected "," or ": " between what stands in { } or [ ]'],
  [/^Missing closing .quote/, 'a quotation mark before this place is not closed'],
  [/^Tabs are not allowed/, 'a tab; indent with spaces'],
  [/cannot start with .* character (.)/, 'a text that begins with $1 needs quotes'],
  [
    /^Unexpected (scalar|double-quoted-scalar|single-quoted-scalar) at node end/,
    'more text behind a closing quotation mark; a quotation mark within is doubled',
  ],
  [
    /^Unexpected flow-(map|seq)-end/,
    'a closing "}" or "]" too many, or one before that is not closed',
  ],
]

/** The parser's `message` in plain words. */
export function yamlWords(message: string): string {
  for (const [pattern, words] of WORDS) {
    const found = message.match(pattern)
    if (found !== null) return words.replace('$1', found[1] ?? '')
  }
  return message
}
