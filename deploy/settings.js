/**
 * Node-RED's settings in a container. Flow, contract and policy are part of the image and the same in
 * every copy; what is remembered stands in PostgreSQL. So a container keeps nothing, and there is
 * no editor: a change is a new image.
 */
module.exports = {
  flowFile: 'flows.json',
  // flows_cred.json names environment variables and holds no secret, so there is nothing to encrypt.
  credentialSecret: false,
  uiPort: Number(process.env.PORT || 1880),
  httpAdminRoot: '/admin',
  httpNodeRoot: '/',
  disableEditor: true,
  // Without a hash nobody can log in. Health needs no login; figures want one, and it can only read.
  adminAuth: {
    type: 'credentials',
    users: process.env.ADMIN_PASSWORD_HASH
      ? [{ username: 'admin', password: process.env.ADMIN_PASSWORD_HASH, permissions: 'read' }]
      : [],
  },
  apiMaxLength: '1mb',
  // `docker stop` gives 10 s; a node that hangs must not use them up for the others.
  nodeCloseTimeout: 8000,
  mqttReconnectTime: 2000,
  telemetry: { enabled: false, updateNotification: false },
  diagnostics: { enabled: false, ui: false },
  runtimeState: { enabled: false, ui: false },
  externalModules: { palette: { allowInstall: false, allowUpload: false } },
  functionExternalModules: false,
  logging: { console: { level: process.env.LOG_LEVEL || 'info', metrics: false, audit: false } },
}
