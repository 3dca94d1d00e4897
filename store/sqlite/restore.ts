#!/usr/bin/env node
/** `lead-store-restore BACKUP STORE`: for the shell, while Node-RED is stopped. */
import { restore } from './backup'

const [from, to] = process.argv.slice(2)
if (from === undefined || to === undefined) {
  console.error('usage: lead-store-restore BACKUP STORE (both are files)')
  process.exit(2)
}
try {
  restore(from, to)
  console.log(`${to} is as it was in ${from}; what was there before is in ${to}.before-restore`)
} catch (raw) {
  console.error(raw instanceof Error ? raw.message : String(raw))
  process.exit(1)
}
