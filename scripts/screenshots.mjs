/**
 * The README's pictures, taken from the running product: `node scripts/screenshots.mjs`.
 * Run it again whenever something that a picture shows has changed.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { ensureReady } from './lib/ensure.mjs'
import { at } from './lib/paths.mjs'

await ensureReady()
const { startNodeRed } = await import('./lib/node-red-process.mjs')
const { launchBrowser, openDialog, openEditor } = await import('./lib/editor-page.mjs')

mkdirSync(at('docs'), { recursive: true })
const flows = JSON.parse(readFileSync(at('flows/inbound-saas/inbound-saas.json'), 'utf8'))
const idOf = (type) => flows.find((node) => node.type === type).id
const nodeRed = await startNodeRed({ version: '5', flows })
const browser = await launchBrowser()
try {
  await nodeRed.post('/leads', {
    event_id: 'shot-1',
    email: 'mia.lang@northgate.example',
    name: 'Mia Lang',
    trigger: 'demo_request',
  })
  await flowPicture()
  await contractPicture()
  await policyPicture()
} finally {
  await browser.close()
  await nodeRed.stop()
}

async function flowPicture() {
  const { page } = await openEditor(browser, nodeRed.url, { width: 1780, height: 1130 })
  await page.evaluate(() => window.RED.actions.invoke('core:toggle-sidebar'))
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.red-ui-flow-node-status-label')].some(
      (label) => label.textContent,
    ),
  )
  const clip = { x: 200, y: 130, width: 1320, height: 760 }
  await page.screenshot({ path: at('docs/inbound-saas.png'), clip })
  await page.close()
}

async function contractPicture() {
  const { page } = await openEditor(browser, nodeRed.url)
  await openDialog(page, idOf('lead-contract'))
  await page.waitForSelector('.monaco-editor .view-line, .ace_line')
  await page.evaluate(() => {
    const editors = window.monaco?.editor?.getModels?.() ?? []
    const model = editors.find((one) => one.getValue().includes('contract:'))
    model.setValue(model.getValue().replace('company.employees', 'company.employes'))
  })
  await page.waitForSelector('text=did you mean')
  // A click on the problem shows its line.
  await page.locator('.red-ui-tray').last().getByText('did you mean').click()
  await page
    .locator('.red-ui-tray')
    .last()
    .screenshot({ path: at('docs/contract-editor.png') })
  await page.close()
}

async function policyPicture() {
  const { page } = await openEditor(browser, nodeRed.url)
  await openDialog(page, idOf('lead-route-by-capacity'))
  await page.waitForSelector('.red-ui-tray table')
  await page
    .locator('.red-ui-tray')
    .last()
    .screenshot({ path: at('docs/route-dialog.png') })
  await page.close()
}
