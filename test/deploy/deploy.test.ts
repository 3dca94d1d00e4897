/**
 * Goal: what deploy/ says holds together: every file and variable that one part names is there in
 * the other, and the container's settings do what they promise.
 * Method: no container is built; the files are read as their programs read them, the image's build
 * is run with what the Dockerfile copies, and settings and health check in real Node-RED processes.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import packageJson from '../../package.json'
import packageLock from '../../package-lock.json'
import { type NodeRed, startNodeRed } from '../../scripts/lib/node-red-process.mjs'
import { at, nodeBinary } from '../../scripts/lib/paths.mjs'
import { example, PATIENCE_MS } from '../flows/support'

interface Service {
  readonly image: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly environment?: Readonly<Record<string, string>>
  readonly volumes?: readonly string[]
  readonly networks: readonly string[]
  readonly depends_on?: readonly string[] | Readonly<Record<string, { condition: string }>>
  readonly healthcheck?: object
  readonly stop_grace_period?: string
}

const text = (file: string) => readFileSync(at('deploy', file), 'utf8')
const compose: {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: object
  readonly networks: object
} = parse(text('compose.yaml'))
const { nodered, mosquitto } = compose.services as { nodered: Service; mosquitto: Service }
const SERVICES = Object.entries(compose.services)
const FLOW = example('scale-out/scale-out.json')

/** `COPY` and the like, lines that go on joined, comments left out. */
const instructions = text('Dockerfile')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => line.split(/\s+/))
const stage = (from: number) => {
  const starts = instructions.flatMap(([name], index) => (name === 'FROM' ? [index] : []))
  return instructions.slice(starts[from], starts[from + 1])
}
const args = (name: string, of = instructions) =>
  of.filter(([first]) => first === name).map(([, ...rest]) => rest)
/** What is copied out of the repository: each with its sources and its target. */
const copies = (of = instructions) =>
  args('COPY', of)
    .filter((rest) => !rest.some((word) => word.startsWith('--from')))
    .map((rest) => rest.filter((word) => !word.startsWith('--')))
    .map((rest) => ({ sources: rest.slice(0, -1), target: rest.at(-1)! }))

/** The names of the environment variables that a value consists of, however deep. */
function variables(value: unknown): string[] {
  if (typeof value === 'string') return value.match(/^\$\{(\w+)\}$/)?.slice(1) ?? []
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(variables)
}
const matches = (from: string, pattern: RegExp) =>
  [...from.matchAll(pattern)].map(([, name]) => name!)
const sorted = (names: Iterable<string>) => [...new Set(names)].sort()

describe('deploy/', () => {
  it('sets every environment variable that flow, credentials and settings read, and no other', () => {
    const read = [
      ...variables(FLOW),
      ...variables(JSON.parse(text('flows_cred.json'))),
      ...FLOW.filter(({ connect }) => connect === 'env').map(({ url }) => String(url)),
      ...matches(text('settings.js'), /process\.env\.(\w+)/g),
    ]
    assert.deepEqual(sorted(read), sorted(Object.keys(nodered.environment!)))
  })

  it('asks in .env.example for every variable that the compose file takes, and no other', () => {
    const asked = matches(text('.env.example'), /^(\w+)=/gm)
    assert.deepEqual(sorted(asked), sorted(matches(text('compose.yaml'), /[^$]\$\{(\w+)/g)))
  })

  it('gives the broker its user and password by the id of its node', () => {
    const brokers = FLOW.filter(({ type }) => type === 'mqtt-broker').map(({ id }) => id)
    assert.deepEqual(Object.keys(JSON.parse(text('flows_cred.json'))), brokers)
  })

  it('names only files that are there and that the build may see', () => {
    const { context, dockerfile } = nodered.build!
    assert.ok(existsSync(at('deploy', context, dockerfile)))
    const mounted = SERVICES.flatMap(([, { volumes = [] }]) => volumes)
      .map((volume) => volume.split(':')[0]!)
      .filter((source) => source.startsWith('.'))
    assert.ok(mounted.length > 0)
    for (const file of mounted) assert.ok(existsSync(at('deploy', file)), file)
    const allowed = matches(text('Dockerfile.dockerignore'), /^!(.+)$/gm)
    const sources = copies().flatMap((copy) => copy.sources)
    for (const source of sources) {
      assert.ok(existsSync(at(source)), source)
      assert.ok(allowed.includes(source.split('/')[0]!), `${source} is kept out of the build`)
    }
  })

  it('declares the volumes, networks and services that it uses', () => {
    for (const [name, { volumes = [], networks, depends_on = [] }] of SERVICES) {
      for (const volume of volumes.map((one) => one.split(':')[0]!))
        if (!volume.startsWith('.')) assert.ok(volume in compose.volumes, `${name}: ${volume}`)
      for (const network of networks) assert.ok(network in compose.networks, `${name}: ${network}`)
      const needed = Array.isArray(depends_on)
        ? depends_on.map((other: string) => [other, { condition: 'service_started' }] as const)
        : Object.entries(depends_on)
      for (const [other, { condition }] of needed) {
        assert.ok(other in compose.services, `${name}: ${other}`)
        if (condition === 'service_healthy') assert.ok(compose.services[other]!.healthcheck, other)
      }
    }
  })

  it('pins every image, Node-RED to the version that is tested', () => {
    const built = args('FROM').map(([image]) => image!)
    for (const image of [...SERVICES.map(([, service]) => service.image), ...built])
      assert.match(image, /^[\w/-]+:\d[\w.-]+$/)
    const { version } = packageLock.packages['node_modules/node-red']
    assert.equal(built[1], `nodered/node-red:${version}-minimal`)
    assert.equal(nodered.image.split(':')[1], packageJson.version)
  })

  it('runs as nobody special, without a compiler, and gets the signal to stop itself', () => {
    const last = stage(1)
    assert.deepEqual(args('USER', last), [['node-red']])
    assert.doesNotMatch(text('Dockerfile'), /apk add|apt-get|build-base|node-gyp/)
    assert.equal(args('ENTRYPOINT', last)[0]![0], '["node",')
    assert.equal(nodered.stop_grace_period, '10s')
  })

  it('lets in over HTTP what the flow offers, and nothing of the admin root', () => {
    const config = text('haproxy.cfg')
    const offered = FLOW.filter(({ type }) => type === 'http in').map(({ url }) => String(url))
    const exact = matches(config, /\{ path ([^}]+) \}/g)[0]!.split(' ')
    const [below] = matches(config, /\{ path_beg (\S+) \}/g)
    assert.ok(offered.length > 0)
    for (const url of offered) assert.ok(exact.includes(url) || url.startsWith(below!), url)
    assert.match(config, /deny unless|deny deny_status 404 unless/)
    const copy = matches(config, /server-template nodered \d+ (\S+)/g)
    assert.deepEqual(copy, [`nodered:${nodered.environment!.PORT}`])
  })

  it('points Node-RED at the broker that listens there, which knows its user', () => {
    const config = text('mosquitto.conf')
    assert.ok((nodered.environment!.MQTT_HOST as string) in compose.services)
    assert.deepEqual(matches(config, /^listener (\d+)$/gm), [nodered.environment!.MQTT_PORT])
    assert.match(config, /^allow_anonymous false$/m)
    const [file] = matches(config, /^password_file (\S+)$/gm)
    assert.ok(JSON.stringify(mosquitto).includes(`-c ${file} `))
    for (const name of ['MQTT_USER', 'MQTT_PASSWORD'])
      assert.equal(mosquitto.environment![name], nodered.environment![name])
  })
})

describe('the image', function () {
  this.timeout(3 * PATIENCE_MS)
  const folder = mkdtempSync(join(tmpdir(), 'lead-image-'))
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('is built from what the Dockerfile copies', () => {
    for (const { sources, target } of copies(stage(0)))
      for (const source of sources)
        cpSync(at(source), join(folder, target === './' ? source : target), { recursive: true })
    symlinkSync(at('node_modules'), join(folder, 'node_modules'), 'junction')
    const build = spawnSync(nodeBinary(), [join(folder, 'scripts', 'build.mjs')], {
      encoding: 'utf8',
    })
    assert.equal(build.status, 0, build.stdout + build.stderr)
    for (const file of Object.values(packageJson['node-red'].nodes))
      assert.ok(existsSync(join(folder, file)), file)
    for (const file of packageJson.files) assert.ok(existsSync(join(folder, file)), file)
  })
})

describe('a container’s settings', function () {
  this.timeout(PATIENCE_MS)
  // bcrypt of "open sesame", with few rounds.
  const HASH = '$2b$04$gpuk.3dL0jFaFyXKXW7gbOIRkPzYi6vYiyp8lCoQ7wPzrn4Pk4bxu'
  const userDir = mkdtempSync(join(tmpdir(), 'lead-settings-'))
  let nodeRed: NodeRed

  before(async () => {
    for (const { sources, target } of copies(stage(1)))
      for (const source of sources) {
        const name = target.endsWith('/') ? source.split('/').at(-1)! : target.split('/').at(-1)!
        copyFileSync(at(source), join(userDir, name))
      }
    nodeRed = await startNodeRed({
      userDir,
      settingsFile: join(userDir, 'settings.js'),
      // The database is away: nobody listens at port 1.
      env: {
        DATABASE_URL: 'postgres://leads:x@127.0.0.1:1/leads',
        MQTT_HOST: '127.0.0.1',
        MQTT_PORT: '1',
        ADMIN_PASSWORD_HASH: HASH,
      },
    })
  })
  after(async () => {
    await nodeRed.kill()
    rmSync(userDir, { recursive: true, force: true })
  })

  const healthcheck = () =>
    spawnSync(nodeBinary(), [join(userDir, 'healthcheck.js')], {
      env: { PORT: String(nodeRed.port) },
    }).status
  const uriOfBalancer = matches(text('haproxy.cfg'), /http-check send meth GET uri (\S+)/g)[0]!
  const token = async () => {
    const login = { client_id: 'node-red-admin', grant_type: 'password', scope: 'read' }
    const { body } = await nodeRed.post('/admin/auth/token', {
      ...login,
      username: 'admin',
      password: 'open sesame',
    })
    return { authorization: `Bearer ${body.access_token}` }
  }

  it('call it alive and not ready while the database is away', async () => {
    assert.equal(healthcheck(), 0)
    const { status, body } = await nodeRed.get(uriOfBalancer)
    assert.deepEqual([status, body], [503, { ready: false }])
  })

  it('let nobody change flows, and show figures only to who logs in', async () => {
    const [store] = FLOW.filter(({ type }) => type === 'lead-store')
    const figures = `/admin/lead-store/${store!.id}/figures`
    assert.equal((await nodeRed.get('/admin/')).status, 404)
    for (const path of ['/admin/flows', figures])
      assert.equal((await nodeRed.get(path)).status, 401)
    const headers = await token()
    const { body } = await nodeRed.get(figures, { headers })
    assert.equal(body.presence, 'away')
    for (const path of ['/admin/flows', `/admin/lead-store/${store!.id}/backup`])
      assert.equal((await nodeRed.post(path, [], { headers })).status, 401, path)
  })

  it('end in time and with 0, and then it is not alive', async () => {
    assert.equal(await nodeRed.stop({ timeoutMs: 10_000 }), 0)
    assert.equal(healthcheck(), 1)
  })
})
