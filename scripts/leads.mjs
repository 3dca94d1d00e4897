/** `npm run leads`: the entry for any Node >= 20; bench/leads/run.ts does the work on the right one. */
import { runTypeScript } from './lib/run-typescript.mjs'

await runTypeScript('bench/leads/run.ts', process.argv.slice(2))
