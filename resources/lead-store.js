/** The dialog of lead-store: shows the settings of the chosen database, and no others. */
;(() => {
  if (window.LeadStore) return

  const field = (name) => $(`#node-config-input-${name}`)

  /** Checks a period: a whole number of months, empty for ever, or a variable of the environment. */
  function months(name, min) {
    return (value) => {
      const text = String(value ?? '').trim()
      const isNumber = /^\d+$/.test(text) && Number(text) >= min && Number(text) <= 1200
      if (text === '' || text.startsWith('${') || isNumber) return true
      return RED._(`@lead-ops/node-red-lead-qualification/lead-store:lead-store.problem.${name}`)
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
