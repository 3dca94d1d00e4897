// Goal: what a machine can check of the house rules stays true: rings, purity, size, faults, words.
// Method: the sources as text and as syntax trees; each check has a case of its own that must fail.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import ts from 'typescript'
import { FAULTS, type FaultCode, LeadFault } from '../engine/faults'

const ROOT = join(__dirname, '..')

function filesBelow(folder: string, ending = '.ts'): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name).split(sep).join('/'))
    .sort()
}

const text = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const ENGINE = filesBelow('engine')
const STORE = filesBelow('store')
const NODES = filesBelow('nodes')

/** What a file imports, as written, however it is written. */
function importsOf(source: string): string[] {
  const found: string[] = []
  const look = (node: ts.Node): void => {
    const from =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : undefined
    if (from !== undefined && ts.isStringLiteral(from)) found.push(from.text)
    if (
      ts.isImportTypeNode(node) &&
      ts.isLiteralTypeNode(node.argument) &&
      ts.isStringLiteral(node.argument.literal)
    )
      found.push(node.argument.literal.text)
    if (ts.isCallExpression(node)) {
      const [first] = node.arguments
      const called =
        node.expression.kind === ts.SyntaxKind.ImportKeyword ||
        node.expression.getText() === 'require'
      if (called && first !== undefined && ts.isStringLiteralLike(first)) found.push(first.text)
    }
    ts.forEachChild(node, look)
  }
  look(parse(source))
  return found
}

function parse(source: string): ts.SourceFile {
  return ts.createSourceFile('x.ts', source, ts.ScriptTarget.Latest, true)
}

/** `engine/a/b.ts` importing `../../store/c` → `store/c`; packages stay as they are. */
function target(file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier
  return relative(ROOT, join(ROOT, dirname(file), specifier))
    .split(sep)
    .join('/')
}

describe('rings: imports point one way', () => {
  const ENGINE_BUILTINS = new Set(['node:crypto', 'node:util', 'node:url'])
  const DATABASES = /^(pg|node:sqlite)$/
  const BARE_BUILTINS = new Set([
    'fs',
    'http',
    'https',
    'net',
    'os',
    'path',
    'child_process',
    'worker_threads',
    'process',
  ])
  const OUTSIDE: Readonly<Record<'engine' | 'store', RegExp>> = {
    engine: /^(store|nodes|test|bench|scripts)\//,
    store: /^(nodes|test|bench|scripts)\//,
  }
  const isForbidden = (ring: 'engine' | 'store', to: string) => {
    if (OUTSIDE[ring].test(to) || /^(node-red|@node-red\/|express$)/.test(to)) return true
    if (ring === 'store') return false
    return (
      DATABASES.test(to) ||
      BARE_BUILTINS.has(to) ||
      (to.startsWith('node:') && !ENGINE_BUILTINS.has(to))
    )
  }
  const wrong = (ring: 'engine' | 'store', file: string, source: string) =>
    importsOf(source)
      .map((specifier) => target(file, specifier))
      .filter((to) => isForbidden(ring, to))

  for (const [ring, files] of [
    ['engine', ENGINE],
    ['store', STORE],
  ] as const) {
    it(`${ring} imports nothing from further out`, () => {
      for (const file of files) assert.deepEqual(wrong(ring, file, text(file)), [], file)
    })
  }
  it('only nodes import nodes', () => {
    for (const file of [
      ...ENGINE,
      ...STORE,
      ...(existsSync(join(ROOT, 'bench')) ? filesBelow('bench') : []),
    ])
      for (const specifier of importsOf(text(file)))
        assert.ok(!target(file, specifier).startsWith('nodes/'), file)
  })
  it('this check sees every way to import', () => {
    for (const source of [
      `import { a } from '../store/store'`,
      `import type { A } from '../store/store'`,
      `export * from '../store/store'`,
      `const a = require('../store/store')`,
      `const a = import('../store/store')`,
      `let a: import('../store/store').Store`,
      `import { readFileSync } from 'node:fs'`,
      `import fs from 'fs'`,
      `import { Client } from 'pg'`,
      `import { x } from '../nodes/shared/red'`,
      `import { x } from '../test/engine/support/leads'`,
    ])
      assert.equal(wrong('engine', 'engine/x.ts', source).length, 1, source)
    assert.deepEqual(
      wrong(
        'engine',
        'engine/x.ts',
        `import { hash } from 'node:crypto'; import { y } from './y'; import Ajv from 'ajv'`,
      ),
      [],
    )
    assert.equal(wrong('store', 'store/x.ts', `import { x } from '../nodes/shared/red'`).length, 1)
    assert.deepEqual(
      wrong('store', 'store/sqlite/x.ts', `import type { L } from '../../engine/lead/lead'`),
      [],
    )
  })
})

describe('purity: the engine has no clock, no chance, no environment', () => {
  /** What a source reads that is not passed in. */
  function impurities(source: string): string[] {
    const found: string[] = []
    const look = (node: ts.Node): void => {
      if (ts.isPropertyAccessExpression(node) && FORBIDDEN.has(node.getText()))
        found.push(node.getText())
      if (
        ts.isNewExpression(node) &&
        node.expression.getText() === 'Date' &&
        (node.arguments?.length ?? 0) === 0
      )
        found.push('new Date()')
      if (ts.isCallExpression(node) && CALLS.has(node.expression.getText()))
        found.push(`${node.expression.getText()}()`)
      ts.forEachChild(node, look)
    }
    look(parse(source))
    return found
  }
  const FORBIDDEN = new Set([
    'Date.now',
    'Math.random',
    'process.env',
    'process.hrtime',
    'performance.now',
    'globalThis.process',
  ])
  const CALLS = new Set([
    'Date',
    'setTimeout',
    'setInterval',
    'setImmediate',
    'fetch',
    'randomBytes',
    'randomUUID',
    'randomFillSync',
  ])

  it('anywhere', () => {
    for (const file of ENGINE) assert.deepEqual(impurities(text(file)), [], file)
  })
  it('this check sees each of them, and not what only looks like it', () => {
    for (const source of [
      'const a = Date.now()',
      'f(Date.now)',
      'Math.random()',
      'process.env.X',
      'new Date()',
      'new Date',
      'Date()',
      'setTimeout(f, 1)',
      'randomUUID()',
    ])
      assert.equal(impurities(source).length, 1, source)
    for (const source of ['new Date(nowMs)', 'Date.parse(x)', '// Date.now()', `'Math.random()'`])
      assert.deepEqual(impurities(source), [], source)
  })
})

describe('size and leftovers', () => {
  const LINES_MAX = 400
  /** Tables that are copied from somewhere and never edited by hand. */
  const TABLES = new Set(['engine/lead/normalise/free-mail-domains.ts'])

  it(`no file of the product has more than ${LINES_MAX} lines`, () => {
    const files = [
      ...ENGINE,
      ...STORE,
      ...NODES,
      ...filesBelow('nodes', '.html'),
      ...filesBelow('resources', '.js'),
    ]
    for (const file of files.filter((one) => !TABLES.has(one))) {
      const lines = text(file).split('\n').length - 1
      assert.ok(lines <= LINES_MAX, `${file} has ${lines}`)
    }
    for (const file of TABLES)
      assert.ok(existsSync(join(ROOT, file)), `${file} is excepted but gone`)
  })
  it('nothing is left to do in a comment', () => {
    const mark = /\b(TODO|FIXME)\b/
    for (const file of [
      ...ENGINE,
      ...STORE,
      ...NODES,
      ...filesBelow('nodes', '.html'),
      ...filesBelow('test').filter((file) => file !== 'test/tidy.test.ts'),
    ])
      assert.ok(!mark.test(text(file)), file)
  })
  it('no test stands alone, so that all of them run', () => {
    const only = /\b(describe|it|context)\.only\(/
    for (const file of filesBelow('test')) assert.ok(!only.test(text(file)), file)
  })
})

describe('faults: one catalogue', () => {
  const codes = Object.keys(FAULTS) as FaultCode[]
  interface Thrown {
    readonly file: string
    readonly code: string
    /** Undefined where a list is spread. */
    readonly details: number | undefined
  }
  function thrownIn(file: string, source: string): Thrown[] {
    const found: Thrown[] = []
    const look = (node: ts.Node): void => {
      if (ts.isNewExpression(node) && node.expression.getText() === 'LeadFault') {
        const [code, ...details] = node.arguments ?? []
        if (code !== undefined && ts.isStringLiteralLike(code))
          found.push({
            file,
            code: code.text,
            details: details.some(ts.isSpreadElement) ? undefined : details.length,
          })
      }
      ts.forEachChild(node, look)
    }
    look(parse(source))
    return found
  }
  const thrown = [...ENGINE, ...STORE, ...NODES].flatMap((file) => thrownIn(file, text(file)))
  const places = (code: FaultCode) => FAULTS[code].match(/%[sd]/g)?.length ?? 0

  for (const code of codes) {
    it(`${code} is thrown somewhere, each time with all its details`, () => {
      const sites = thrown.filter((one) => one.code === code)
      assert.ok(sites.length > 0, 'nobody throws it')
      for (const { file, details } of sites)
        if (details !== undefined) assert.equal(details, places(code), file)
    })
    it(`${code} reads as a sentence, with nothing left to fill in`, () => {
      const details = (FAULTS[code].match(/%[sd]/g) ?? []).map((place) =>
        place === '%d' ? 7 : 'seven',
      )
      const fault = new LeadFault(code, ...details)
      assert.ok(!/%[a-z]|NaN|undefined/.test(fault.message), fault.message)
      for (const detail of details) assert.ok(fault.message.includes(String(detail)), fault.message)
      assert.deepEqual([fault.code, fault.name, fault instanceof Error], [code, 'LeadFault', true])
      assert.match(code, /^LEAD_[A-Z]+_[A-Z_]+$|^LEAD_NOT_FOUND$/)
    })
  }
  it('nothing is thrown that is not in the catalogue', () => {
    for (const { file, code } of thrown)
      assert.ok(codes.includes(code as FaultCode), `${code} in ${file}`)
  })

  it('docs/faults.md has each of them once, in order, with meaning, cause and cure', () => {
    const rows = text('docs/faults.md')
      .split('\n')
      .filter((line) => line.startsWith('| `LEAD_'))
    assert.deepEqual(
      rows.map((row) => row.split('`')[1]),
      codes,
    )
    for (const row of rows) {
      const [, code, ...cells] = row.split('|').map((cell) => cell.trim())
      assert.equal(cells.length, 4, code)
      for (const cell of cells.slice(0, 3))
        assert.ok(cell.length > 10 && cell.endsWith('.'), `${code}: ${cell}`)
    }
  })
})

describe('locales: every language says the same things', () => {
  const LANGUAGES = ['en-US', 'de']
  const nodes = [...new Set(NODES.map((file) => file.split('/')[1]!))].filter((name) =>
    existsSync(join(ROOT, 'nodes', name, 'locales')),
  )

  /** Dotted keys of a catalogue, with the placeholders of each text. */
  function keysOf(value: unknown, prefix = ''): string[] {
    if (typeof value === 'string')
      return [`${prefix} ${(value.match(/__\w+__/g) ?? []).sort().join(' ')}`.trim()]
    return Object.entries(value as object).flatMap(([key, inner]) =>
      keysOf(inner, prefix === '' ? key : `${prefix}.${key}`),
    )
  }
  const catalogue = (node: string, language: string): unknown =>
    JSON.parse(text(`nodes/${node}/locales/${language}/${node}.json`))

  /**
   * What a help text is made of, without its words: its headings, its properties with their types, its
   * lists, its paragraphs, in order. Names in backticks count where a line stands for one of them;
   * inside a paragraph an example may be another one.
   */
  function outline(help: string): string[] {
    const codes = (line: string) => (line.match(/`[^`]+`/g) ?? []).join(' ')
    return help.split('\n').flatMap((line) => {
      if (line.trim() === '' || line.startsWith('</script')) return []
      const name = /data-help-name="([^"]*)"/.exec(line)?.[1]
      if (name !== undefined) return [`help ${name}`]
      const property = /^(::? \S+ \([^)]*\)) :/.exec(line)?.[1]
      if (property !== undefined) return [`${property} ${codes(line)}`]
      const mark = /^(#+|::?|\d+\.|-)(?= )/.exec(line)?.[1] ?? 'paragraph'
      return [mark === '-' || mark.startsWith(':') ? `${mark} ${codes(line)}` : mark]
    })
  }

  it('there are nodes with locales', () => assert.ok(nodes.length > 0))
  for (const node of nodes) {
    it(`${node}: the same keys, placeholders and files`, () => {
      const [first, ...others] = LANGUAGES
      const wanted = keysOf(catalogue(node, first!)).sort()
      assert.ok(wanted.length > 0)
      for (const language of others)
        assert.deepEqual(keysOf(catalogue(node, language)).sort(), wanted, language)
      const files = (language: string) =>
        readdirSync(join(ROOT, 'nodes', node, 'locales', language)).sort()
      for (const language of others) assert.deepEqual(files(language), files(first!), language)
    })
    it(`${node}: no text is empty`, () => {
      for (const language of LANGUAGES) {
        const walk = (value: unknown): void => {
          if (typeof value === 'string') assert.ok(value.trim() !== '', `${node} ${language}`)
          else Object.values(value as object).forEach(walk)
        }
        walk(catalogue(node, language))
      }
    })
    it(`${node}: the help has the same headings, properties, lists and paragraphs`, () => {
      const help = (language: string) => text(`nodes/${node}/locales/${language}/${node}.html`)
      const [first, ...others] = LANGUAGES
      const wanted = outline(help(first!))
      assert.ok(wanted.includes(`help ${node}`) && wanted.includes('###'), wanted.join('\n'))
      for (const language of others) assert.deepEqual(outline(help(language)), wanted, language)
    })
  }
  /**
   * Definitions of a help that the editor cuts off: its rule allows no second colon in one of their lines,
   * and a line that breaks it takes the rest of its block with it.
   */
  const cutOff = (help: string) =>
    help
      .split('\n')
      .filter((line) => line.startsWith(':') && !/^:[^:(]+\([^:)]+\) :[^:]+$/.test(line))

  it('the editor shows every definition of a help as far as its end', () => {
    for (const node of nodes)
      for (const language of LANGUAGES)
        assert.deepEqual(cutOff(text(`nodes/${node}/locales/${language}/${node}.html`)), [])
    const bad = [': c (string) : cut: off.', ':: d (string) : no list.', ': e : no type.']
    assert.deepEqual(cutOff([': a (string) : fine.', 'text: too', ...bad].join('\n')), bad)
  })

  it('this check sees what one language lacks, and not that the words differ', () => {
    const lines = [
      '<script type="text/markdown" data-help-name="lead-x">',
      'What it does, such as `first_name`.',
      '### Inputs',
      ': payload (object) : the lead.',
      ': *topic* (string) : `a` or `b`.',
      ':: topic.more (number) : more.',
      '1. done',
      '- `LEAD_X` - a fault',
      '</script>',
    ]
    const same = (other: readonly string[]) =>
      isDeepStrictEqual(outline(lines.join('\n')), outline(other.join('\n')))
    for (const [index, line] of lines.slice(0, -1).entries())
      assert.ok(!same(lines.toSpliced(index, 1)), line)
    assert.ok(!same(lines.with(3, ': payload (string) : the lead.')))
    assert.ok(!same(lines.with(4, ': topic (string) : `a` or `b`.')))
    assert.ok(!same(lines.with(4, ': *topic* (string) : `a` or `c`.')))
    assert.ok(!same(lines.with(7, '- `LEAD_Y` - a fault')))
    assert.ok(!same(lines.with(2, '#### Inputs')))
    assert.ok(same(lines.with(1, 'Was es tut, etwa `vorname`.')))
    assert.ok(same(lines.with(2, '### Eingangsdaten')))
    assert.ok(same(lines.with(3, ': payload (object) : der Lead.')))
    assert.ok(same(lines.with(6, '1. fertig')))
  })
})
