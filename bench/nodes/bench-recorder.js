/**
 * Writes one line per message to the file that BENCH_RECORD names, in the very call in which the
 * message comes, so that a process that is killed afterwards has it written.
 */
const { openSync, writeSync } = require('node:fs')

module.exports = function register(red) {
  function BenchRecorder(config) {
    red.nodes.createNode(this, config)
    const file = openSync(process.env.BENCH_RECORD, 'a')
    this.on('input', (msg, _send, done) => {
      const { id, assignment } = msg.payload
      // Started by an escalation, a clock's message has the timer's section still.
      const { id: timer, dueAt, again } = config.what === 'timer' ? msg.sla : {}
      const record = {
        msg: msg._msgid,
        timer,
        lead: id,
        rep: assignment?.rep?.id,
        dueMs: dueAt === undefined ? undefined : Date.parse(dueAt),
        atMs: Date.now(),
        again,
      }
      writeSync(file, `${JSON.stringify(record)}\n`)
      done()
    })
  }
  red.nodes.registerType('bench-recorder', BenchRecorder)
}
