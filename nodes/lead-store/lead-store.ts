import { isAbsolute, join } from 'node:path'
import { SqliteStore } from '../../store/sqlite/sqlite-store'
import type { Store } from '../../store/store'
import type { StoreNode } from '../shared/config-nodes'
import { asError } from '../shared/lead-node'
import type { Def, Red } from '../shared/red'

interface StoreDef extends Def {
  readonly file: string
  readonly realm: string
}

const FORGET_EVERY_MS = 3_600_000

export = function register(red: Red): void {
  function LeadStore(
    this: StoreNode & { store?: Store; fault?: Error; label: string },
    config: StoreDef,
  ) {
    red.nodes.createNode(this, config)
    this.label = config.name || config.file || 'leads.db'
    this.clock = Date.now
    try {
      this.store = SqliteStore.open(pathOf(red, config.file), config.realm || 'live')
    } catch (raw) {
      this.fault = asError(raw)
      this.error(this.fault.message)
    }
    const forgetting = setInterval(() => {
      this.store?.forget(this.clock()).catch((raw: unknown) => this.error(asError(raw).message))
    }, FORGET_EVERY_MS)
    forgetting.unref()
    this.on('close', (done: () => void) => {
      clearInterval(forgetting)
      const closing = this.store?.close() ?? Promise.resolve()
      closing.catch((raw: unknown) => this.error(asError(raw).message)).finally(done)
    })
  }
  red.nodes.registerType('lead-store', LeadStore as never)
}

/** Relative to the user directory; empty is the file that fits most. */
function pathOf(red: Red, file: string): string {
  const name = file || join('lead-qualification', 'leads.db')
  if (name === ':memory:' || isAbsolute(name)) return name
  return join(red.settings.userDir ?? process.cwd(), name)
}
