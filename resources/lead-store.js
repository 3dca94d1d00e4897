/** The dialog of lead-store: shows the settings of the chosen database, and no others. */
;(() => {
  if (window.LeadStore) return

  const field = (name) => $(`#node-config-input-${name}`)

  const lq = window.LeadQualification

  /** A validator: empty and environment variables pass, and what `isRight` finds right. */
  function validator(name, isRight) {
    return (value, opt) => {
      const text = String(value ?? '').trim()
      if (text === '' || lq.isEnv(text) || isRight(text)) return true
      return lq.reason(opt, lq.text('lead-store', `problem.${name}`))
    }
  }

  function whole(name, min, max) {
    return validator(
      name,
      (text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max,
    )
  }

  /** Of a period: a whole number of months, empty for ever. */
  const months = (name, min) => whole(name, min, 1200)

  const lease = () => validator('lease', (text) => lq.isDuration(text))

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

  window.LeadStore = { whole, months, lease, prepare }
})()
