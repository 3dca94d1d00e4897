/**
 * Of the container: does the process work? That is `live`, not `ready`: while the database is away a
 * restart would mend nothing, so only the balancer asks for `ready`.
 */
const TIMEOUT_MS = 4_000
const { uiPort, httpAdminRoot } = require('./settings.js')

fetch(`http://127.0.0.1:${uiPort}${httpAdminRoot}/lead-store/live`, {
  signal: AbortSignal.timeout(TIMEOUT_MS),
}).then(
  ({ ok }) => process.exit(ok ? 0 : 1),
  () => process.exit(1),
)
