// Goal: the editor shows our nodes, keeps what it opens, and says what is wrong with a contract.
// Method: a real Node-RED with an example flow, a real browser, both supported versions.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { launchBrowser, openDialog, openEditor, pressDone } from '../../scripts/lib/editor-page.mjs'
import { type NodeRed, startNodeRed } from '../../scripts/lib/node-red-process.mjs'

const ROOT = join(__dirname, '..', '..')
const flows = JSON.parse(
  readFileSync(join(ROOT, 'flows', 'inbound-saas', 'inbound-saas.json'), 'utf8'),
) as { id: string; type: string }[]
const ours = flows.filter(({ type }) => type.startsWith('lead-'))
const oneOfEach = [...new Map(ours.map((node) => [node.type, node])).values()]

for (const version of ['5', '4'] as const) {
  describe(`the editor of Node-RED ${version}`, () => {
    let nodeRed: NodeRed
    let browser: Browser

    before(async () => {
      nodeRed = await startNodeRed({ version, flows })
      browser = await launchBrowser()
    })
    after(async () => {
      await browser?.close()
      await nodeRed?.stop()
    })

    it('shows every node in the palette', async () => {
      const { page, errors } = await openEditor(browser, nodeRed.url)
      await page.waitForFunction(
        `document.querySelectorAll('.red-ui-palette-node[data-palette-type^="lead-"]').length >= 10`,
      )
      const shown = await page
        .locator('.red-ui-palette-node[data-palette-type^="lead-"]')
        .evaluateAll((nodes) => nodes.map((node) => node.getAttribute('data-palette-type')))
      assert.deepEqual(shown.sort(), [
        'lead-audit',
        'lead-dedupe',
        'lead-enrich',
        'lead-ingest',
        'lead-outcome',
        'lead-qualify',
        'lead-route-by-capacity',
        'lead-score-fit',
        'lead-score-intent',
        'lead-sla-timer',
      ])
      assert.deepEqual(errors, [])
      await page.close()
    })

    it('opens each node and keeps it as it was', async () => {
      const { page, errors } = await openEditor(browser, nodeRed.url)
      await page.waitForFunction(`RED.nodes.node(${JSON.stringify(oneOfEach.at(-1)!.id)})`)
      for (const { id, type } of oneOfEach) {
        const before = await exported(page, id)
        await openDialog(page, id)
        await pressDone(page)
        assert.equal(await exported(page, id), before, `${type} was changed by opening it`)
      }
      const dirty = await page.evaluate('RED.nodes.dirty()')
      assert.equal(dirty, false, 'nothing was edited, so there is nothing to deploy')
      assert.deepEqual(errors, [])
      await page.close()
    })

    it('looks ahead: who gets the next leads, when one is due, which days are open', async () => {
      const { page, errors } = await openEditor(browser, nodeRed.url)
      const dialog = page.locator('.red-ui-tray').last()
      await openDialog(page, oneOfEach.find(({ type }) => type === 'lead-route-by-capacity')!.id)
      await dialog.locator('table.lead-next tbody tr').first().waitFor()
      await dialog.locator('select.lead-pick').selectOption('on-call')
      await dialog.locator('table.lead-next tbody tr', { hasText: 'Ivy Novak' }).first().waitFor()
      await pressDone(page)
      await openDialog(page, oneOfEach.find(({ type }) => type === 'lead-sla-timer')!.id)
      await dialog.locator('.lead-calendar').first().waitFor()
      assert.equal(await dialog.locator('.lead-calendar').first().locator('.lead-date').count(), 30)
      assert.deepEqual(errors, [])
      await page.close()
    })

    it('names the line of a problem in a contract while one types', async () => {
      const { page } = await openEditor(browser, nodeRed.url)
      await openDialog(page, oneOfEach.find(({ type }) => type === 'lead-contract')!.id)
      await page.waitForSelector('.monaco-editor .view-line')
      const line = await page.evaluate(`(() => {
        const model = monaco.editor.getModels().find((one) => one.getValue().includes('contract:'))
        model.setValue(model.getValue().replace('company.employees', 'company.employes'))
        return model.getValue().split('\\n').findIndex((text) => text.includes('employes')) + 1
      })()`)
      const problem = page.locator('.red-ui-tray').getByText('did you mean "company.employees"')
      await problem.waitFor()
      assert.ok(
        await page.locator('.red-ui-tray').getByText(`line ${line}`).count(),
        `line ${line}`,
      )
      await page.close()
    })

    it('markup in a contract, such as one that was imported, is text where its error is told', async () => {
      const { page } = await openEditor(browser, nodeRed.url)
      const { id } = oneOfEach.find((node) => node.type === 'lead-contract')!
      const node = `RED.nodes.node(${JSON.stringify(id)})`
      await page.waitForFunction(node)
      await page.evaluate(`(() => {
        const node = ${node}
        node.text = node.text.replace(/^version: .*$/m, 'version: "<img src onerror=hacked=1>"')
        RED.editor.validateNode(node)
      })()`)
      await page.waitForFunction(`${node}.valid === false`)
      await page.evaluate('RED.sidebar.config.show()')
      await page
        .locator('.red-ui-palette-node-config-invalid .red-ui-flow-node-error')
        .first()
        .hover()
      const told = page.locator('.red-ui-popover', { hasText: 'expected a version' })
      await told.waitFor()
      assert.match((await told.textContent()) ?? '', /‹img src onerror/)
      assert.equal(await told.locator('img').count(), 0)
      assert.equal(await page.evaluate('window.hacked'), undefined)
      await page.close()
    })

    for (const type of ['lead-contract', 'lead-policy'])
      it(`a ${type} with an error is invalid, with the nodes that use it, and deploying warns`, async () => {
        const { page, errors } = await openEditor(browser, nodeRed.url)
        const { id } = oneOfEach.find((node) => node.type === type)!
        const node = `RED.nodes.node(${JSON.stringify(id)})`
        const edit = async (from: string, to: string) => {
          await openDialog(page, id)
          await page.waitForSelector('.monaco-editor .view-line')
          await page.evaluate(`(() => {
            const model = monaco.editor.getModels().find((one) => one.getValue().includes(${JSON.stringify(from)}))
            model.setValue(model.getValue().replace(${JSON.stringify(from)}, ${JSON.stringify(to)}))
          })()`)
          await pressDone(page)
        }
        await edit('version:', 'versoin:')
        await page.waitForFunction(`${node}.valid === false && !${node}.users[0].valid`)
        const told = await page.evaluate(`${node}.validationErrors.join()`)
        assert.match(String(told), /line \d+: .*version/)
        await page.locator('#red-ui-header-button-deploy').click()
        await page
          .locator('.red-ui-notification', { hasText: 'not properly configured' })
          .locator('button', { hasText: 'Cancel' })
          .click()
        await edit('versoin:', 'version:')
        await page.waitForFunction(`${node}.valid === true && ${node}.users[0].valid`)
        assert.deepEqual(errors, [])
        await page.close()
      })
  })
}

function exported(
  page: Awaited<ReturnType<typeof openEditor>>['page'],
  id: string,
): Promise<string> {
  // The editor gives a config node with a password an empty one when it was opened; nothing is saved.
  return page.evaluate(`(() => {
    const { credentials = {}, ...node } = RED.nodes.convertNode(RED.nodes.node(${JSON.stringify(id)}))
    const secrets = Object.values(credentials).filter((secret) => secret !== '')
    return JSON.stringify({ ...node, secrets })
  })()`) as Promise<string>
}
