// Goal: the table of free mail domains is the one of the package it was taken from.
// Method: compare with the package's data; UPDATE_TABLES=1 rewrites the table instead.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FREE_MAIL_DOMAINS } from '../../../../engine/lead/normalise/free-mail-domains'

const TABLE = join(__dirname, '../../../../engine/lead/normalise/free-mail-domains.ts')
const SOURCE = require.resolve('freemail/data/free.txt')
const WIDTH = 100

function sourceDomains(): string[] {
  const lines = readFileSync(SOURCE, 'utf8').split(/\r?\n/)
  // The package's own update script once saved an error page: "404: not found".
  return [...new Set(lines.filter((line) => /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(line)))].sort()
}

function packed(domains: readonly string[]): string {
  const lines = ['']
  for (const domain of domains) {
    const line = lines.at(-1)!
    if (line.length + 1 + domain.length > WIDTH) lines.push(domain)
    else lines[lines.length - 1] = line === '' ? domain : `${line} ${domain}`
  }
  return lines.join('\n')
}

describe('normalise: the table of free mail domains', () => {
  it('is the one of its source', () => {
    const domains = sourceDomains()
    if (process.env.UPDATE_TABLES === '1') {
      const module = readFileSync(TABLE, 'utf8')
      const [head] = module.split('export const')
      writeFileSync(TABLE, `${head}export const FREE_MAIL_DOMAINS = \`\n${packed(domains)}\n\`\n`)
    } else {
      assert.equal(FREE_MAIL_DOMAINS.trim(), packed(domains))
    }
  })
})
