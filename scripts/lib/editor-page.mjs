// @ts-check
/**
 * The Node-RED editor in a real browser: what the editor tests and the README's screenshots need.
 * The browser travels inside a package; nothing is downloaded.
 */
import chromium from '@sparticuz/chromium'
import { chromium as playwright } from 'playwright-core'

const VIEW = { width: 1400, height: 900 }

/** A browser that can open any number of editors. */
export async function launchBrowser() {
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    // One process for all pages would end with the first page that is closed.
    args: [
      ...chromium.args.filter((arg) => arg !== '--single-process'),
      '--disable-background-networking',
      '--disable-component-update',
    ],
    headless: true,
  })
}

/**
 * Opens the editor and waits until our palette is there.
 * @param {import('playwright-core').Browser} browser
 * @param {string} url of Node-RED
 * @param {{ dark?: boolean, lang?: string, width?: number, height?: number }} [options]
 */
export async function openEditor(browser, url, { dark = false, lang = 'en-US', ...size } = {}) {
  const page = await browser.newPage({ viewport: { ...VIEW, ...size }, locale: lang })
  /** @type {string[]} */
  const errors = []
  page.on('pageerror', (error) => errors.push(error.message))
  await page.goto(url)
  // The palette first, the flows last: with a tab on show, everything is loaded.
  await page.waitForSelector(
    '#red-ui-workspace-tabs li[role="presentation"], #red-ui-workspace-tabs .red-ui-tab.active',
    { state: 'attached' },
  )
  await page.waitForSelector('.red-ui-palette-node[data-palette-type="lead-sla-timer"]', {
    state: 'attached',
  })
  if (dark) await page.evaluate(() => document.documentElement.classList.add('nr-theme-dark'))
  return { page, errors }
}

/**
 * Opens a node's dialog, or a config node's.
 * @param {import('playwright-core').Page} page
 * @param {string} id of the node
 */
export async function openDialog(page, id) {
  await page.waitForFunction((nodeId) => /** @type {any} */ (window).RED.nodes.node(nodeId), id)
  await page.evaluate((nodeId) => {
    const { RED } = /** @type {any} */ (window)
    const node = RED.nodes.node(nodeId)
    if (node._def.category === 'config') RED.editor.editConfig('', node.type, node.id)
    else RED.editor.edit(node)
  }, id)
  await page.waitForSelector(
    '.red-ui-tray-toolbar #node-dialog-ok, .red-ui-tray-toolbar #node-config-dialog-ok',
  )
  // Raised last of all: a tray that is closed before breaks its own description pane.
  await page.waitForFunction(
    () => document.getElementById('red-ui-editor-stack')?.style.zIndex === '13',
  )
}

/**
 * Presses Done until the tray is gone: a press while it is still sliding in is not heard.
 * @param {import('playwright-core').Page} page
 */
export async function pressDone(page) {
  const done = page.locator('#node-dialog-ok, #node-config-dialog-ok').last()
  for (let attempt = 1; ; attempt++) {
    try {
      // It may be on its way out already, and then there is nothing left to press.
      await done.click({ timeout: 5_000 }).catch(() => {})
      await page.waitForSelector('.red-ui-tray', { state: 'detached', timeout: 5_000 })
      return
    } catch (error) {
      if (attempt === 6) throw error
    }
  }
}
