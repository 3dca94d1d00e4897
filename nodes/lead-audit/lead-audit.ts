import { storeOf } from '../shared/config-nodes'
import { guarded, type LeadNode, leadNode } from '../shared/lead-node'
import type { Def, Red, RedNode } from '../shared/red'
import { onStoreNews } from '../shared/store-news'
import { commandOf } from './commands'

interface AuditDef extends Def {
  readonly store: string
  /** What a message without `msg.command` asks. */
  readonly command: string
}

export = function register(red: Red): void {
  function LeadAudit(this: RedNode, config: AuditDef) {
    red.nodes.createNode(this, config)
    const self = leadNode(
      red,
      this,
      ({ node, status }) =>
        async (msg, send) => {
          const { store, now } = storeOf(red, node, config.store)
          const name = typeof msg.command === 'string' ? msg.command : config.command || 'explain'
          msg.payload = await commandOf(name)(store, msg, now())
          status.count(name)
          send([null, msg])
        },
      config.store,
    )
    emitEntries(self, config)
  }
  red.nodes.registerType('lead-audit', LeadAudit as never)
}

const PAGE = 200

/** How far a node has sent, by node and store: a deploy makes it anew, and entries are written meanwhile. */
const sentUpTo = new Map<string, number>()

/** A deploy of what was modified gives a node other wires without starting it anew. */
function isWired(node: RedNode & { readonly wires?: readonly (readonly string[])[] }): boolean {
  return (node.wires?.[0]?.length ?? 0) > 0
}

/** Every entry from the first start of the node on, once, in order; the log is read where they are wired. */
function emitEntries(self: LeadNode, config: AuditDef): void {
  const { red, node, status } = self
  const place = `${node.id} ${config.store}`
  let lastSeq = sentUpTo.get(place)
  let reading = false
  let news = false
  let closed = false
  const read = async () => {
    news = true
    if (reading || lastSeq === undefined || !isWired(node)) return
    reading = true
    try {
      const { store } = storeOf(red, node, config.store)
      // News may come while the store is being asked, and an empty page is then out of date.
      while (news) {
        news = false
        const page = await store.entriesAfter(lastSeq, PAGE)
        if (closed) return
        for (const entry of page)
          node.send([{ payload: entry, topic: entry.entry.lead }, null] as never)
        if (page.length === 0) continue
        lastSeq = page.at(-1)!.seq
        sentUpTo.set(place, lastSeq)
        status.count('entries', page.length)
        news = true
      }
    } finally {
      reading = false
    }
  }
  // A store that was away at the start is asked where the log stands when it is there.
  const begin = async () => {
    if (!isWired(node)) return
    const before = lastSeq
    const { entries } = await storeOf(red, node, config.store).store.census()
    // Further than the log goes: it is another one now. Not so when entries were sent meanwhile.
    if (lastSeq === undefined || (lastSeq === before && lastSeq >= entries)) lastSeq = entries - 1
    sentUpTo.set(place, lastSeq)
    await read()
  }
  node.on('close', (removed: boolean, done: () => void) => {
    closed = true
    if (removed) sentUpTo.delete(place)
    done()
  })
  onStoreNews(
    self,
    config.store,
    () => void guarded(self, lastSeq === undefined ? begin : read),
    begin,
  )
}
