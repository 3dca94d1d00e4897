/** `npm run chaos`: the entry for any Node >= 20; bench/chaos/run.ts does the work on the right one. */
import { runTypeScript } from './lib/run-typescript.mjs'

await runTypeScript('bench/chaos/run.ts', process.argv.slice(2))
