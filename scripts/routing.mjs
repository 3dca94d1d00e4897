/** `npm run routing`: the entry for any Node >= 20; bench/pipeline/run.ts does the work on the right one. */
import { runTypeScript } from './lib/run-typescript.mjs'

await runTypeScript('bench/pipeline/run.ts', process.argv.slice(2))
