/**
 * Whether the text of a lead-contract or lead-policy can be used, as the server says. The editor validates
 * at once and the server answers later: a text that nobody has asked about counts as usable, and its node
 * is validated again with the answer.
 *
 * LeadQualification
 *   .checkArtefact(type, text)         asks the server: { problems, summary }
 *   .artefactValidator(type)           whether a file is named, or the text can be used
 */
;(() => {
  window.LeadQualification = window.LeadQualification || {}
  const lq = window.LeadQualification
  if (lq.checkArtefact) return

  const REASONS_MAX = 50
  /** What refuses a text, by type and text; '' is nothing. */
  const reasons = new Map()
  /** Nodes that are validated again when the answer about their text is there. */
  const waiting = new Map()

  const keyOf = (type, text) => `${type}\n${text}`

  function checkArtefact(type, text) {
    return $.ajax({
      url: `${type}/check`,
      method: 'POST',
      contentType: 'application/json',
      data: JSON.stringify({ text }),
    }).done(({ problems }) => {
      reasons.set(keyOf(type, text), reasonOf(type, problems))
      if (reasons.size > REASONS_MAX) reasons.delete(reasons.keys().next().value)
    })
  }

  /** The first error with its line, and how many there are besides. */
  function reasonOf(type, problems) {
    const [first, ...others] = problems.filter(({ level }) => level === 'error')
    if (first === undefined) return ''
    const { line, path, message } = first
    const where = lq.text(type, 'check.line', { line: line ?? 1 })
    const more = lq.text(type, 'check.more', { count: others.length })
    return `${where}: ${path ? `${path}: ` : ''}${message}${others.length > 0 ? `, ${more}` : ''}`
  }

  function refusal(type, node, text) {
    const key = keyOf(type, text)
    if (reasons.has(key)) return reasons.get(key)
    if (waiting.has(key)) {
      waiting.get(key).add(node.id)
      return ''
    }
    waiting.set(key, new Set([node.id]))
    checkArtefact(type, text).always(() => {
      const ids = waiting.get(key)
      waiting.delete(key)
      if (reasons.get(key)) ids.forEach(validateAgain)
    })
    return ''
  }

  /** With the nodes that use it, as the editor does when a config node is saved. */
  function validateAgain(id) {
    const node = RED.nodes.node(id)
    if (!node) return
    RED.editor.validateNode(node)
    for (const user of node.users ?? []) RED.editor.validateNode(user)
    RED.events.emit('nodes:change', node)
    RED.view.redraw()
  }

  /** For the settings `file` and `text`; which of them counts, `source` says. */
  function artefactValidator(type) {
    const isEmpty = (value) => String(value ?? '').trim() === ''
    // In the dialog that is open, what is chosen there counts.
    const isFile = (node) =>
      ((node.checkedText && $('#node-config-input-source').val()) ?? node.source) === 'file'
    const answer = (opt, why) => (why === '' ? true : lq.reason(opt, why))
    return {
      file: function (value, opt) {
        const missing = isFile(this) && isEmpty(value)
        return answer(opt, missing ? lq.text(type, 'error.noFile') : '')
      },
      text: function (value, opt) {
        if (isFile(this)) return true
        return answer(
          opt,
          isEmpty(value) ? lq.text(type, 'error.noText') : refusal(type, this, value),
        )
      },
    }
  }

  Object.assign(lq, { checkArtefact, artefactValidator })
})()
