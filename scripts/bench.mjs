/** `npm run bench`: the entry for any Node >= 20; bench/run.ts does the work on the right one. */
import { runTypeScript } from './lib/run-typescript.mjs'

await runTypeScript('bench/run.ts', process.argv.slice(2))
