// Goal: who writes a rule finds each field of the lead in the reference and in the editor's help.
// Method: the fields of the schema against both texts; those for matching and of steps are not for rules.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { knownPaths } from '../../../engine/lead/paths'

const ROOT = join(__dirname, '..', '..', '..')
const SECTIONS = ['contact', 'company', 'source', 'consent', 'crm', 'model']
const INNER = /Key$|^model\.features$/
const fields = knownPaths().filter(
  (path) => SECTIONS.includes(path.split('.')[0]!) && !INNER.test(path),
)
const lines = (file: string) => readFileSync(join(ROOT, file), 'utf8').split('\n')

describe('the fields of the lead', () => {
  it('stand in the contract reference', () => {
    const told = lines('docs/contract.md')
    const rows = told.filter((line) =>
      /^\| `(contact|company|source|consent|crm|model)\./.test(line),
    )
    for (const field of fields) {
      const [section, name] = field.split('.') as [string, string]
      const own = rows.filter((row) => row.startsWith(`| \`${section}.`)).join('\n')
      assert.ok(own.includes(`.${name}\``), `docs/contract.md does not tell of ${field}`)
    }
  })

  for (const language of ['en-US', 'de']) {
    it(`stand in the help of lead-contract (${language})`, () => {
      const help = lines(`nodes/lead-contract/locales/${language}/lead-contract.html`)
      for (const field of fields) {
        const [section, name] = field.split('.') as [string, string]
        const own = help.filter((line) => line.startsWith(`- \`${section}\` - `)).join('\n')
        assert.ok(own.includes(`\`${name}\``), `the help does not tell of ${field}`)
      }
    })
  }
})
