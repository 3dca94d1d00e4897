/**
 * What the dialogs of several lead nodes share: where there is just one contract, policy or store,
 * a new node takes it; and what the chosen contract or policy holds stands below it as tables.
 *
 * The html of each node that needs this loads it, so it may be read several times. Texts come from
 * the node's own catalogue, from `<type>.summary`.
 */
;(() => {
  if (window.LeadDialogs) return

  const ROWS_MAX = 100

  /** For `onadd`: fills the references of a new node for which there is only one to choose. */
  function chooseOnly(node) {
    // A node that was pasted or imported stays as its author left it.
    if (RED.nodes.node(node.id)) return
    for (const [property, { type }] of Object.entries(node._def.defaults)) {
      if (!type || node[property]) continue
      const choice = []
      RED.nodes.eachConfig((config) => {
        const here = !config.z || config.z === node.z
        if (config.type === type && here && !config.d) choice.push(config.id)
      })
      if (choice.length === 1) node[property] = choice[0]
    }
  }

  /**
   * Shows what the chosen contract or policy holds, anew whenever another one is chosen.
   * `draw(summary, t, config)` gives the elements below its name; `t(key, values)` is a text.
   */
  function summarise(node, kind, draw) {
    const t = (key, values) => node._(`${node.type}.summary.${key}`, values)
    const box = $('#dialog-form .lead-summary')
    const select = $(`#node-input-${kind}`)
    let turn = 0
    const show = async () => {
      turn += 1
      const mine = turn
      const content = await contentFor(RED.nodes.node(select.val()), kind, draw, t)
      if (mine === turn) box.empty().append(content)
    }
    select.on('change', show)
  }

  async function contentFor(config, kind, draw, t) {
    if (!config) return note(t('none'))
    if (config.source === 'file') return note(t('file', { file: config.file }))
    try {
      const { summary, problems } = await check(`lead-${kind}`, config.text ?? '')
      if (!summary) return [note(t('refused')), problemList(problems, t)]
      return [head(summary, t), problemList(problems, t), ...draw(summary, t, config)]
    } catch {
      return note(t('unchecked'))
    }
  }

  /** The address is relative, so that it also holds where the editor is not at the root. */
  function check(type, text) {
    return $.ajax({
      url: `${type}/check`,
      type: 'POST',
      contentType: 'application/json',
      data: JSON.stringify({ text }),
    })
  }

  function head({ name, version, ...counts }, t) {
    return $('<p>').append(
      $('<strong>').text(`${name} ${version}`),
      $('<div class="lead-more">').text(t('counts', counts)),
    )
  }

  function problemList(problems, t) {
    const items = problems.slice(0, ROWS_MAX).map(({ level, line, path, message }) => {
      const where = [line && t('line', { line }), path].filter(Boolean).join(', ')
      return $('<li>')
        .addClass(`lead-${level}`)
        .text(where ? `${where}: ${message}` : message)
    })
    return items.length > 0 ? $('<ul>').append(items) : $()
  }

  const says = (cell) => [cell].flat().some((text) => text === 0 || Boolean(text))

  const note = (text) => $('<p class="lead-more">').text(text)

  /**
   * A table. `columns` are `{ title, kind?: 'number' | 'term' }`; a cell is a text or a list of
   * texts, of which all but the first are of second rank and stand below it. A column in which no row
   * says anything is left out.
   */
  function table(caption, columns, rows, t) {
    const shown = columns
      .map((column, index) => ({ ...column, index }))
      .filter(({ index }) => rows.length === 0 || rows.some((cells) => says(cells[index])))
    const header = shown.map(({ title, kind }) =>
      $('<th scope="col">')
        .addClass(kind ? `lead-${kind}` : '')
        .text(title),
    )
    const body = rows.slice(0, ROWS_MAX).map((cells) =>
      $('<tr>').append(
        shown.map(({ index, kind }) => {
          const [first, ...more] = [cells[index]].flat()
          return $('<td>')
            .addClass(kind ? `lead-${kind}` : '')
            .append(
              says(first) ? $('<div>').text(first) : [],
              more.filter(Boolean).map((text) => $('<div class="lead-more">').text(text)),
            )
        }),
      ),
    )
    const elements = $('<table>').append(
      $('<caption>').text(caption),
      $('<thead>').append($('<tr>').append(header)),
      $('<tbody>').append(body),
    )
    return rows.length > ROWS_MAX
      ? elements.add(note(t('more', { n: rows.length - ROWS_MAX })))
      : elements
  }

  /** What the points lead to: the contract's decisions, of which the first that matches wins. */
  function decisions({ lists }, t) {
    return table(
      t('decide'),
      [{ title: t('when') }, { title: t('outcome'), kind: 'term' }, { title: t('grade') }],
      lists.decide.map(({ when, outcome, grade, next, unknown }) => [
        [
          when ?? t('otherwise'),
          unknown === 'review' && outcome !== 'review' && t('unknownReview'),
        ],
        [outcome, next],
        grade,
      ]),
      t,
    )
  }

  /** Points with their sign, as in `+25`. */
  const signed = (points) => (points > 0 ? `+${points}` : String(points).replace('-', '−'))

  /** Weekly hours as texts: neighbouring days with the same windows together, then the time zone. */
  function hours(calendar, t) {
    if (!calendar) return [t('anyTime')]
    const spans = []
    calendar.week.forEach((windows, day) => {
      const text = windows.join(', ')
      const last = spans.at(-1)
      if (last && last.text === text) last.to = day
      else spans.push({ from: day, to: day, text })
    })
    const open = spans.filter(({ text }) => text !== '')
    const days = ({ from, to }) => (from === to ? dayName(from) : `${dayName(from)}–${dayName(to)}`)
    return [...open.map((span) => `${days(span)} ${span.text}`), calendar.timezone]
  }

  /** Monday is 0; 1 January 2024 was one. */
  function dayName(day) {
    const names = new Intl.DateTimeFormat(RED.i18n.lang(), { weekday: 'short', timeZone: 'UTC' })
    return names.format(Date.UTC(2024, 0, 1 + day))
  }

  /**
   * A part of a dialog that shows what the policy would do now. `draw(preview, again)` gives its
   * elements; `again(asked)` asks anew, e.g. for another pool.
   */
  function preview(config, draw, t) {
    const box = $('<div>').append(note(t('previewing')))
    let turn = 0
    const show = async (asked = {}) => {
      turn += 1
      const mine = turn
      const content = await previewContent(config, asked, (found) => draw(found, show), t)
      if (mine === turn) box.empty().append(content)
    }
    $('#node-input-store').on('change', () => void show())
    void show()
    return box
  }

  async function previewContent(config, asked, draw, t) {
    try {
      const { preview: found } = await $.ajax({
        url: 'lead-policy/preview',
        type: 'POST',
        contentType: 'application/json',
        data: JSON.stringify({
          text: config.text ?? '',
          store: $('#node-input-store').val(),
          ...asked,
        }),
      })
      return found ? draw(found) : $()
    } catch {
      return note(t('unchecked'))
    }
  }

  /** Who would get the next leads of a pool. */
  /** From which lead on another pool has to help out, and why. */
  function helpedOut(pool, next, t) {
    const from = next.findIndex(({ heldBack }) => heldBack)
    if (from < 0) return []
    const reasons = next[from].heldBack.map(({ verdict, reps }) => {
      const words = verdict.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (at) => moment(at, t))
      return `${reps.join(', ')}: ${words}`
    })
    return [note(t('nextHelp', { n: from + 1, pool, reasons: reasons.join('; ') }))]
  }

  function nextLeads({ pools, pool, next, live }, again, t) {
    const choice = $('<select class="lead-pick">')
      .attr('aria-label', t('nextPool'))
      .append(pools.map((id) => $('<option>').val(id).text(id)))
      .val(pool)
      .on('change', function () {
        void again({ pool: this.value })
      })
    const rows = next.map(({ rep, pool: from, why, retryAt }, index) =>
      rep
        ? [String(index + 1), rep.name, from]
        : [
            String(index + 1),
            [t('nextWaits'), why, retryAt && t('nextRetry', { at: moment(retryAt) })],
            '',
          ],
    )
    const columns = [
      { title: '', kind: 'number' },
      { title: t('nextRep') },
      { title: t('nextFrom') },
    ]
    const found = table(t('next'), columns, rows, t)
    found.filter('table').addClass('lead-next').find('caption').append(' ', choice)
    return [found, ...helpedOut(pool, next, t), note(t(live ? 'nextLive' : 'nextEmpty'))]
  }

  /** By when a lead that arrives now has to be answered, per tier and clock. */
  function dueNow({ due, calendars: list }, t) {
    const zones = new Map(list.map(({ name, timezone }) => [name, timezone]))
    return table(
      t('dueNow'),
      [{ title: t('tier') }, { title: t('clock') }, { title: t('dueAt') }],
      due.flatMap(({ tier, clocks }) =>
        clocks.map(({ id, within, due: times }, index) => [
          index === 0 ? tier : '',
          [id, within],
          [
            '',
            ...times.map(({ hours: name, at }) =>
              name ? `${moment(at, t, zones.get(name))} (${name})` : moment(at, t),
            ),
          ],
        ]),
      ),
      t,
    )
  }

  /** The next weeks of each calendar, the first one open. */
  function calendars({ calendars: list }, t) {
    return list.map(({ name, timezone, days }, index) =>
      $('<details class="lead-calendar">')
        .prop('open', index === 0)
        .append($('<summary>').text(t('calendar', { name, timezone })), month(days, t)),
    )
  }

  function month(days, t) {
    const cells = [
      ...Array.from({ length: days[0].weekday }, () => $('<td>')),
      ...days.map((day) => dayCell(day, t)),
    ]
    const weeks = []
    for (let at = 0; at < cells.length; at += 7)
      weeks.push($('<tr>').append(cells.slice(at, at + 7)))
    const names = Array.from({ length: 7 }, (_, day) => $('<th scope="col">').text(dayName(day)))
    return $('<table>').append(
      $('<thead>').append($('<tr>').append(names)),
      $('<tbody>').append(weeks),
    )
  }

  function dayCell({ date, open, special }, t) {
    const why = special && (special.name ?? t(special.kind === 'date' ? 'otherHours' : 'holiday'))
    return $('<td>')
      .toggleClass('lead-closed', open.length === 0)
      .toggleClass('lead-special', Boolean(special))
      .append(
        $('<div class="lead-date">').text(shortDate(date)),
        open.map((window) => $('<div>').text(window)),
        why ? $('<div class="lead-why">').text(why) : [],
      )
  }

  function shortDate(date) {
    const format = new Intl.DateTimeFormat(RED.i18n.lang(), {
      day: 'numeric',
      month: 'short',
      timeZone: 'UTC',
    })
    return format.format(new Date(`${date}T00:00:00Z`))
  }

  /** An instant in the zone of a calendar; without one in the reader's own, which is named. */
  function moment(at, t, timeZone) {
    if (!at) return t('dueNever')
    const format = {
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
      ...(timeZone ? { timeZone } : { timeZoneName: 'short' }),
    }
    return new Intl.DateTimeFormat(RED.i18n.lang(), format).format(new Date(at))
  }

  window.LeadDialogs = {
    chooseOnly,
    summarise,
    table,
    note,
    signed,
    decisions,
    hours,
    preview,
    nextLeads,
    dueNow,
    calendars,
  }
})()
