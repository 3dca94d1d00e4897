/** The dialog of lead-store: shows the settings of the chosen database, and no others. */
;(() => {
  if (window.LeadStore) return

  const field = (name) => $(`#node-config-input-${name}`)

  const lq = window.LeadQualification

  /** The validator of a period: a whole number of months, empty for ever, or an environment variable. */
  function months(name, min) {
    return (value, opt) => {
      const text = String(value ?? '').trim()
      const isPeriod = /^\d+$/.test(text) && Number(text) >= min && Number(text) <= 1200
      if (text === '' || lq.isEnv(text) || isPeriod) return true
      return lq.reason(opt, lq.text('lead-store', `problem.${name}`))
    }
  }

  /** A store from before there was a choice is a file. */
  function prepare(node) {
    for (const [name, value] of [
      ['backend', 'sqlite'],
      ['connect', 'fields'],
      ['tls', 'off'],
    ]) {
      if (!node[name]) field(name).val(value)
    }
    const show = () => {
      const postgres = field('backend').val() === 'postgres'
      const env = field('connect').val() === 'env'
      $('.lead-store-sqlite').toggle(!postgres)
      $('.lead-store-postgres').toggle(postgres)
      $('.lead-store-env').toggle(env)
      $('.lead-store-fields').toggle(!env)
      $('.lead-store-ca').toggle(field('tls').val() === 'on')
    }
    for (const name of ['backend', 'connect', 'tls']) field(name).on('change', show)
    show()
  }

  window.LeadStore = { months, prepare }
})()
