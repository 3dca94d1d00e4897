/**
 * What the dialogs of the lead nodes share in the editor. Served as it is, and loaded by the html of
 * each node that needs it, so possibly several times.
 *
 * LeadQualification
 *   .fields                            fields of a lead that an intake may fill
 *   .fillable                          those of them that a provider may fill
 *   .text(set, key, values)            a text from the set's own catalogue
 *   .isField(path, fields?)            whether a mapping may name `path`
 *   .isDuration(text)                  whether the nodes can read it, e.g. 30d or 1h30m
 *   .words(text)                       a comma list as an array
 *   .isEnv(text)                       whether it is a reference such as ${NAME}
 *   .reason(opt, why)                  what a validator answers
 *   .completeFields(input, options)    suggests fields while typing; { fields, list }
 *   .complete(input, words)            suggests words while typing
 *   .mark(input, reason)               shows an input as wrong, or as right when there is no reason
 *   .watch(input, reasonOf)            marks an input as it is edited; '' is no reason
 *   .input(parent, options)            a text input; { value, placeholder, label }
 *   .grid(parent)                      labelled inputs inside a row: input, checkbox, wide
 *   .card(container, options)          a row that opens and closes; { open, toggle }
 *   .tabs(element, panes)              tabs over panes: [{ id, label, pane }]
 *   .rowList(ol, options)              an editable list of rows that knows whether it was edited
 *   .artefactEditor(options)           a YAML editor that is checked while typing
 */
;(() => {
  if (window.LeadQualification?.text) return

  const MODULE = '@lead-ops/node-red-lead-qualification'
  const CHECK_AFTER_MS = 400
  const PROBLEMS_SHOWN_MAX = 100

  /** Kept the same as writablePaths() in engine/lead/paths.ts, and what the event itself states. */
  const fields = [
    'contact.email',
    'contact.phone',
    'contact.name',
    'contact.firstName',
    'contact.lastName',
    'contact.title',
    'contact.seniority',
    'contact.department',
    'contact.domain',
    'contact.country',
    'contact.language',
    'company.name',
    'company.domain',
    'company.country',
    'company.region',
    'company.postcode',
    'company.city',
    'company.industry',
    'company.employees',
    'company.revenue',
    'source.system',
    'source.type',
    'source.trigger',
    'source.campaign',
    'source.offer',
    'source.medium',
    'source.originalTouch',
    'source.partner',
    'consent.optOut',
    'consent.marketing',
    'consent.email',
    'consent.phone',
    'consent.basis',
    'consent.at',
    'crm.leadId',
    'crm.accountId',
    'crm.stage',
    'crm.owner',
    'crm.openDeal',
    'model.score',
    'model.confidence',
    'model.version',
    'model.features',
    'account.domain',
    'account.owner',
    'event.id',
    'event.occurredAt',
    'attributes.*',
  ]

  const fillable = fields.filter((path) => /^(contact|company|crm|model|attributes)\./.test(path))

  /** Names of one's own, and ids in other systems. */
  const OPEN = /^(attributes|externalIds)\.(?!(?:__proto__|constructor|prototype)$)[^.]+$/

  function isField(path, among = fields) {
    return OPEN.test(path) || (among.includes(path) && !path.endsWith('*'))
  }

  const DURATION = /^(\d+(\.\d+)?(ms|s|m|h|d|w))+$/

  function isDuration(text) {
    return text.length <= 40 && DURATION.test(text)
  }

  function isEnv(text) {
    return /^\$\{[^}]+\}$/.test(text)
  }

  function words(text) {
    return String(text ?? '')
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '')
  }

  function text(set, key, values) {
    return RED._(`${MODULE}/${set}:${set}.${key}`, values)
  }

  /** What a validator answers: the reason, and the setting that it is about. */
  function reason(opt, why) {
    return opt?.label ? `${opt.label}: ${why}` : why
  }

  function completeFields(input, { fields: among = fields, list = false } = {}) {
    $(input).autoComplete({
      minLength: 0,
      search: (value) => {
        const start = list ? value.lastIndexOf(',') + 1 : 0
        const typed = value.slice(start).trim().toLowerCase()
        const before = value.slice(0, start) + (start > 0 ? ' ' : '')
        if (among.some((path) => path.toLowerCase() === typed)) return []
        return among
          .filter((path) => path.toLowerCase().includes(typed))
          .map((path) => ({ value: before + path.replace('*', ''), label: path }))
      },
    })
    return $(input)
  }

  function complete(input, known) {
    $(input).autoComplete({
      minLength: 0,
      search: (value) =>
        known.includes(value) ? [] : known.filter((word) => word.includes(value.toLowerCase())),
    })
    return $(input)
  }

  function mark(input, reason) {
    $(input)
      .toggleClass('input-error', Boolean(reason))
      .attr('title', reason || null)
      .attr('aria-invalid', reason ? 'true' : null)
  }

  /** Marks a wrong input once it is left, and takes the mark away as soon as it is right. */
  function watch(element, reasonOf) {
    const look = () => mark(element, reasonOf($(element).val().trim()))
    $(element)
      .on('change blur', look)
      .on('input', () => {
        if (reasonOf($(element).val().trim()) === '') look()
      })
    if ($(element).val() !== '') look()
  }

  /** A text input that reads well to a screen reader, put into `parent`. */
  function input(parent, { value, placeholder, label }) {
    return $('<input type="text" autocomplete="off">')
      .attr({ placeholder, 'aria-label': label })
      .val(value ?? '')
      .appendTo(parent)
  }

  /** Labels and inputs in two columns inside a row of a list. */
  function grid(parent) {
    const box = $('<div class="lead-grid">').appendTo(parent)
    const caption = (label) => $('<span class="lead-grid-label">').text(label)
    return {
      /** `width` is third, half, most or whole. */
      input: (width, label, value, placeholder) => {
        const cell = $('<label>').addClass(`lead-grid-cell lead-grid-${width}`).appendTo(box)
        return input(cell.append(caption(label)), { value, placeholder, label })
      },
      checkbox: (label, checked) => {
        const cell = $('<label class="lead-grid-cell lead-grid-check">').appendTo(box)
        const check = $('<input type="checkbox">').prop('checked', checked).appendTo(cell)
        cell.append($('<span>').text(label))
        return check
      },
      wide: (label, element) => {
        $('<div class="lead-grid-cell lead-grid-wide">')
          .append(caption(label), element)
          .appendTo(box)
        return element
      },
    }
  }

  /** A row of a list that opens and closes below its title. */
  function card(container, { open, toggle }) {
    const head = $('<button type="button" class="lead-card-head">').attr('title', toggle)
    const body = $('<div class="lead-card-body">')
    const chevron = $('<i class="fa fa-fw">').appendTo(head)
    const name = $('<span class="lead-card-name">').appendTo(head)
    const more = $('<span class="lead-card-more">').appendTo(head)
    const show = (shown) => {
      body.toggle(shown)
      head.attr('aria-expanded', String(shown))
      chevron.toggleClass('fa-chevron-down', shown).toggleClass('fa-chevron-right', !shown)
    }
    head.on('click', () => show(head.attr('aria-expanded') !== 'true'))
    container.append(head, body)
    show(open)
    return {
      body,
      title: (title, subtitle) => {
        name.text(title)
        more.text(subtitle)
      },
    }
  }

  function tabs(element, panes) {
    const bar = RED.tabs.create({
      element: $(element),
      onchange: ({ id }) => {
        for (const { id: one, pane } of panes) $(pane).toggle(one === id)
      },
    })
    for (const { id, label } of panes) bar.addTab({ id, label })
    bar.activateTab(panes[0].id)
    return bar
  }

  /**
   * `draw(container, row)` builds one row and returns a function that reads it; a row that
   * reads as undefined is left out. `saved(original)` gives the rows to save: the original itself
   * when nothing was edited, so that Done alone changes no flow.
   */
  function rowList(ol, { rows, draw, addButton, header }) {
    const list = $(ol).editableList({
      addItem: (container, _index, row) => {
        container.data('lead-row', draw(container, row))
      },
      addButton,
      ...(header === undefined ? {} : { header: rowHeader(header) }),
      removable: true,
      sortable: true,
      height: 'auto',
    })
    const read = () =>
      list
        .editableList('items')
        .toArray()
        .map((item) => $(item).data('lead-row')())
        .filter((row) => row !== undefined)
    list.editableList('addItems', rows ?? [])
    const before = JSON.stringify(read())
    return {
      rows: read,
      saved: (original) => {
        const now = read()
        return JSON.stringify(now) === before ? original : now
      },
    }
  }

  function rowHeader(captions) {
    const spans = captions.map((caption) => $('<span>').text(caption))
    return $('<div class="lead-row-header">').append(spans)
  }

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
      request = $.ajax({
        url: `${type}/check`,
        method: 'POST',
        contentType: 'application/json',
        data: JSON.stringify({ text: editor.getValue() }),
      })
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

  $('<link rel="stylesheet">')
    .attr('href', `${RED.settings.apiRootUrl || ''}resources/${MODULE}/lead-qualification.css`)
    .appendTo('head')

  window.LeadQualification = Object.assign(window.LeadQualification || {}, {
    fields,
    fillable,
    text,
    isField,
    isDuration,
    isEnv,
    words,
    reason,
    completeFields,
    complete,
    mark,
    watch,
    input,
    grid,
    card,
    tabs,
    rowList,
    artefactEditor,
  })
})()
