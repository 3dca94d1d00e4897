#!/usr/bin/env node
/** `lead-store-restore BACKUP STORE`: for the shell, while Node-RED is stopped. */
import { restore } from './backup'

const [from, to] = process.argv.slice(2)
if (from === undefined || to === undefined) {
  console.error('usage: lead-store-restore BACKUP STORE (both are files)')
  process.exit(2)
}
try {
  const kept = restore(from, to)
  const before = kept === undefined ? '' : `; what was there before is in ${kept}`
  console.log(`${to} is as it was in ${from}${before}`)
} catch (raw) {
  console.error(raw instanceof Error ? raw.message : String(raw))
  process.exit(1)
}
