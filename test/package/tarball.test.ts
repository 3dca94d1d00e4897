// Goal: the tarball holds what Node-RED looks for and users read, and nothing else. Method: a list of
// what is allowed, a list of what must be there, and a look into every file.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import packageJson from '../../package.json'
import { ROOT } from '../../scripts/lib/paths.mjs'
import { PATIENCE_MS, type Packed, pack } from './support'

const NODES = Object.keys(packageJson['node-red'].nodes)
const CONFIG_NODES = ['lead-store', 'lead-contract', 'lead-policy']
const LANGUAGES = ['en-US', 'de']

const ALLOWED = [
  /^(README|CHANGELOG)\.md$|^LICENSE$|^package\.json$/,
  /^dist\/(engine|store|nodes)\/[\w/-]+\.js$/,
  /^dist\/nodes\/(lead-[a-z-]+)\/\1\.html$/,
  /^dist\/nodes\/(lead-[a-z-]+)\/locales\/(en-US|de)\/\1\.(json|html)$/,
  /^dist\/nodes\/(lead-[a-z-]+)\/icons\/\1\.svg$/,
  /^examples\/[\w-]+\/[\w -]+\.json$/,
  /^resources\/[\w-]+\.(js|css|svg)$/,
]

describe('the tarball', function () {
  this.timeout(PATIENCE_MS)
  let tarball: Packed
  let text: (file: string) => string

  before(() => {
    tarball = pack()
    const dir = `${tarball.copyDir}-unpacked`
    mkdirSync(dir)
    execFileSync('tar', ['-xzf', tarball.tarball, '-C', dir])
    text = (file) => readFileSync(join(dir, 'package', file), 'utf8')
  })

  it('holds nothing but what is allowed', () => {
    const unexpected = tarball.files.filter(
      (file) => !ALLOWED.some((pattern) => pattern.test(file)),
    )
    assert.deepEqual(unexpected, [])
  })

  it('holds every node with its dialog, its help and its labels in each language', () => {
    const wanted = NODES.flatMap((node) => [
      `dist/nodes/${node}/${node}.js`,
      `dist/nodes/${node}/${node}.html`,
      ...LANGUAGES.flatMap((language) =>
        ['json', 'html'].map((kind) => `dist/nodes/${node}/locales/${language}/${node}.${kind}`),
      ),
    ])
    assert.deepEqual(missing(wanted), [])
  })

  it('holds an icon and an example for every node that is no config node, and the stories', () => {
    const wanted = NODES.filter((node) => !CONFIG_NODES.includes(node)).flatMap((node) => [
      `dist/nodes/${node}/icons/${node}.svg`,
      `examples/nodes/${node}.json`,
    ])
    const stories = ['inbound-saas', 'abm', 'scale-out'].map(
      (story) => `examples/${story}/${story}.json`,
    )
    assert.deepEqual(missing([...wanted, ...stories]), [])
  })

  it('holds what people read, and what a thread is started from', () => {
    const wanted = [
      'README.md',
      'CHANGELOG.md',
      'LICENSE',
      'dist/store/sqlite/writer-thread.js',
      'dist/store/sqlite/reader-thread.js',
    ]
    assert.deepEqual(missing(wanted), [])
  })

  const missing = (wanted: readonly string[]) =>
    wanted.filter((file) => !tarball.files.includes(file))

  it('is of a size that a small machine takes without complaint', () => {
    assert.ok(
      tarball.packedBytes > 50_000 && tarball.packedBytes < 600_000,
      `${tarball.packedBytes}`,
    )
    assert.ok(tarball.unpackedBytes < 2_400_000, `${tarball.unpackedBytes}`)
  })

  it('knows no place of the machine that it was made on, and no source map', () => {
    const places = [tarball.copyDir, ROOT, homedir()].filter((place) => place.length > 1)
    for (const file of tarball.files) {
      const content = text(file)
      for (const place of places)
        assert.ok(!content.includes(`${place}/`), `${file} names ${place}`)
      assert.doesNotMatch(content, /sourceMappingURL/, file)
    }
  })

  it('needs the packages that it declares, and declares those that it needs', () => {
    const builtin = new Set(builtinModules)
    const needed = new Set<string>()
    for (const file of tarball.files.filter(
      (one) => one.startsWith('dist/') && one.endsWith('.js'),
    )) {
      for (const [, name] of text(file).matchAll(/(?:require|import)\("([^."][^"]*)"\)/g)) {
        const [scope, part] = name!.split('/')
        const own = name!.startsWith('@') ? `${scope}/${part}` : scope!
        if (!own.startsWith('node:') && !builtin.has(own)) needed.add(own)
      }
    }
    assert.deepEqual([...needed].sort(), Object.keys(packageJson.dependencies).sort())
  })

  it('has nothing that runs when it is installed', () => {
    const { scripts } = JSON.parse(text('package.json'))
    const atInstall = ['preinstall', 'install', 'postinstall', 'prepare']
    assert.deepEqual(
      atInstall.filter((name) => name in scripts),
      [],
    )
  })
})
