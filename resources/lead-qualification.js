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
 */
;(() => {
  if (window.LeadQualification?.text) return

  const MODULE = '@lead-ops/node-red-lead-qualification'

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

  /**
   * What a validator answers: the reason, and the setting that it is about. A reason quotes what stands in
   * the setting, and the editor shows it as HTML in one place and as text in another: so it may hold no
   * tag, nor the entity of one.
   */
  function reason(opt, why) {
    const harmless = why.replaceAll('<', '‹')
    return opt?.label ? `${opt.label}: ${harmless}` : harmless
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
  })
})()
