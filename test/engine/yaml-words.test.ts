// Goal: a slip in the YAML is told in words that say what to write, at the line where it is.
// Method: each typical slip in a small text; the parser's own terms must not come through.
import assert from 'node:assert/strict'
import { parseArtefact } from '../../engine/artefact'

const PARSERS_TERMS = /implicit|scalar|compact mapping|flow (map|seq)|sequence|plain value/i

const SLIPS = [
  {
    slip: 'a colon left out',
    text: 'fit:\n  cap 100\n  rules:\n    - a\n',
    line: 2,
    says: /"name: value"/,
  },
  {
    slip: 'no space behind the colon',
    text: 'a:1\nb: 2\n',
    line: 1,
    says: /space behind the colon/,
  },
  {
    slip: 'a colon within a text',
    text: 'r:\n  - id: x\n    why: One: two\n',
    line: 3,
    says: /quotes/,
  },
  {
    slip: 'a text that begins with @',
    text: 'why: @home\n',
    line: 1,
    says: /begins with @ needs quotes/,
  },
  {
    slip: 'an entry too far in',
    text: 'a:\n  - id: x\n   - id: y\n',
    line: 3,
    says: /equally far in/,
  },
  {
    slip: 'a setting not far enough in',
    text: 'a:\n  b:\n    - id: x\n     when: 1\n   points: 3\n',
    line: 4,
    says: /./,
  },
  { slip: 'a tab', text: 'a:\n\tb: 1\n', line: 2, says: /tab; indent with spaces/ },
  {
    slip: 'a quotation mark left open',
    text: 'a: "x\nb: y\n',
    line: 3,
    says: /quotation mark before this place is not closed/,
  },
  {
    slip: 'a bracket left open',
    text: 'a: { b: 1, c: [1, 2]\nd: 3\n',
    line: 2,
    says: /not closed/,
  },
  { slip: 'a bracket too many', text: 'a: { b: 1 }}\n', line: 1, says: /too many/ },
  { slip: 'a colon left out between braces', text: 'a: { $in [1] }\n', line: 1, says: /": "/ },
  { slip: 'an apostrophe in a quoted text', text: "why: 'it's'\n", line: 1, says: /doubled/ },
]

describe('slips in the YAML', () => {
  for (const { slip, text, line, says } of SLIPS) {
    it(`${slip}: what to write, at its line`, () => {
      const [first] = parseArtefact(text).problems
      assert.equal(first?.line, line)
      assert.match(first.message, /^not valid YAML: /)
      assert.match(first.message, says)
      assert.doesNotMatch(first.message, PARSERS_TERMS)
    })
  }

  it('one mistake in a line is told once', () => {
    const { problems } = parseArtefact('a:\n  rules:\n    - id: x\n     points: 3\n')
    assert.deepEqual(
      problems.map(({ line }) => line),
      [...new Set(problems.map(({ line }) => line))],
    )
    assert.equal(problems.length, 1)
  })
})
