/**
 * The YAML editor of the dialogs of lead-contract and lead-policy: what the server says about the text
 * stands below it and at its lines, while one types.
 *
 * LeadQualification
 *   .artefactEditor(options)           the editor; { saved, resize, close }
 */
;(() => {
  window.LeadQualification = window.LeadQualification || {}
  if (window.LeadQualification.artefactEditor) return

  const CHECK_AFTER_MS = 400
  const PROBLEMS_SHOWN_MAX = 100

  /**
   * Puts a YAML editor into `element`, and what the server says about its text into `result`.
   * `say(key, values)` gives a text of the node's catalogue, `summary` words what the server found.
   */
  function artefactEditor({ node, type, element, result, expand, value, say, summary }) {
    const stateId = RED.editor.generateViewStateId('node', node, '')
    const editor = RED.editor.createEditor({ id: element, mode: 'ace/mode/yaml', stateId, value })
    const before = editor.getValue()
    let request
    let timer
    let closed = false

    if (editor.type === 'monaco') {
      editor.getModel().updateOptions({ tabSize: 2, insertSpaces: true })
      editor.updateOptions({
        minimap: { enabled: false },
        glyphMargin: false,
        lineNumbersMinChars: 3,
      })
    } else if (editor.type === 'ace') {
      editor.getSession().setTabSize(2)
      // Its own check would take our marks away.
      editor.getSession().setUseWorker(false)
    }

    const check = () => {
      request?.abort()
      request = LeadQualification.checkArtefact(type, editor.getValue())
        .done((answer) => {
          if (!closed) show(answer)
        })
        .fail(({ status }, reason) => {
          if (!closed && reason !== 'abort') showUnchecked(status)
        })
    }
    const checkSoon = () => {
      clearTimeout(timer)
      timer = setTimeout(check, CHECK_AFTER_MS)
    }

    function show({ problems, summary: found }) {
      const box = $(`#${result}`).empty()
      if (found !== undefined) {
        $('<div class="lead-check-ok">')
          .append('<i class="fa fa-check-circle"></i> ')
          .append($('<span>').text(summary(found)))
          .appendTo(box)
      }
      for (const problem of problems.slice(0, PROBLEMS_SHOWN_MAX))
        problemLine(problem).appendTo(box)
      if (problems.length > PROBLEMS_SHOWN_MAX) {
        $('<div>')
          .text(say('check.more', { count: problems.length - PROBLEMS_SHOWN_MAX }))
          .appendTo(box)
      }
      setMarks(editor, type, problems)
      editor.resize()
    }

    function problemLine({ level, line, column, path, message }) {
      const icon = level === 'error' ? 'fa-times-circle' : 'fa-exclamation-triangle'
      return $('<button type="button" class="lead-check-problem">')
        .addClass(`lead-check-${level}`)
        .append($('<i class="fa">').addClass(icon))
        .append($('<span class="lead-check-line">').text(say('check.line', { line: line ?? 1 })))
        .append($('<span class="lead-check-message">').text(path ? `${path}: ${message}` : message))
        .on('click', () => goTo(editor, line ?? 1, column ?? 1))
    }

    function showUnchecked(status) {
      $(`#${result}`)
        .empty()
        .append($('<div class="lead-hint">').text(say('check.unchecked', { status })))
      setMarks(editor, type, [])
    }

    editor.on('input', checkSoon)
    $(`#${expand}`).on('click', () => {
      editor.saveView?.()
      RED.editor.editText({
        mode: 'yaml',
        value: editor.getValue(),
        stateId,
        width: 'Infinity',
        focus: true,
        complete: (edited) => {
          editor.setValue(edited, -1)
          check()
          setTimeout(() => {
            editor.restoreView?.()
            editor.focus()
          }, 250)
        },
      })
    })
    check()

    return {
      /** The text to save: the original itself when nothing was edited. */
      saved: (original) => (editor.getValue() === before ? original : editor.getValue()),
      resize: () => editor.resize(),
      close: () => {
        closed = true
        clearTimeout(timer)
        request?.abort()
        setMarks(editor, type, [])
        editor.destroy()
      },
    }
  }

  /** Line and column from 1. The editors count differently, each in its own way. */
  function goTo(editor, line, column) {
    if (editor.type === 'monaco') {
      editor.revealLineInCenter(line)
      editor.setPosition({ lineNumber: line, column })
    } else if (editor.type === 'basic') {
      editor.moveCursorTo(line, column)
      editor.scrollToLine(line)
    } else {
      editor.gotoLine(line, column - 1, true)
    }
    editor.focus()
  }

  /** Underlines the problems and marks their lines, where the editor can. */
  function setMarks(editor, owner, problems) {
    if (editor.type === 'monaco' && window.monaco) {
      const model = editor.getModel()
      if (model === null || model.isDisposed()) return
      const { Error: error, Warning: warning } = window.monaco.MarkerSeverity
      const markers = problems.map(({ level, line, column, path, message }) => {
        const at = Math.min(line ?? 1, model.getLineCount())
        return {
          severity: level === 'error' ? error : warning,
          message: path ? `${path}: ${message}` : message,
          startLineNumber: at,
          startColumn: column ?? 1,
          endLineNumber: at,
          endColumn: model.getLineMaxColumn(at),
        }
      })
      window.monaco.editor.setModelMarkers(model, owner, markers)
      editor.leadMarks?.clear()
      editor.leadMarks = editor.createDecorationsCollection(
        problems.map(({ level, line }) => ({
          range: new window.monaco.Range(line ?? 1, 1, line ?? 1, 1),
          options: { isWholeLine: true, linesDecorationsClassName: `lead-gutter-${level}` },
        })),
      )
    } else if (typeof editor.getSession?.().setAnnotations === 'function') {
      editor.getSession().setAnnotations(
        problems.map(({ level, line, column, message }) => ({
          row: (line ?? 1) - 1,
          column: (column ?? 1) - 1,
          type: level,
          text: message,
        })),
      )
    }
  }

  window.LeadQualification.artefactEditor = artefactEditor
})()
