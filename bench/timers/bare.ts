import { open } from 'node:fs/promises'
import { join } from 'node:path'

const EVERY_MS = 100

/**
 * How late a bare timer and one flush to disk are on this machine, ms each: what of our lateness is
 * the machine's. One every 100 ms from `fromMs` to `toMs`, epoch ms.
 */
export async function bareLateMs(folder: string, fromMs: number, toMs: number): Promise<number[]> {
  const file = await open(join(folder, 'bare'), 'w')
  const page = Buffer.alloc(4_096)
  const lateMs: number[] = []
  try {
    for (let dueMs = fromMs; dueMs < toMs; dueMs += EVERY_MS) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - Date.now())))
      await file.write(page)
      await file.datasync()
      lateMs.push(Date.now() - dueMs)
    }
  } finally {
    await file.close()
  }
  return lateMs
}
