#!/usr/bin/env node
/**
 * First step of every command. Plain JavaScript without dependencies, because it runs on a bare clone and on the
 * machine's own Node (20 or later): installs and builds what is missing, then hands over to the pinned Node.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const pinnedNode = join(
  root,
  'node_modules',
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
)
const typescript = ['--import', './server/cli/typescript.mjs']

/** What each command runs, and what must be built before. */
const commands = {
  start: { run: [...typescript, 'server/main.ts'], needs: ['agent', 'pages'], production: true },
  dev: { run: [...typescript, 'server/main.ts', '--dev'], needs: ['agent'] },
  demo: { run: [...typescript, 'server/demo/main.ts'], needs: ['agent', 'pages'], production: true },
  build: { needs: ['agent', 'pages'] },
  check: { run: ['server/cli/check.ts'], needs: [] },
  e2e: { run: ['server/cli/e2e.ts'], needs: ['agent', 'pages'] },
  test: { run: ['server/cli/test.ts'], needs: ['agent', 'pages'] },
  bench: { run: [...typescript, 'bench/main.ts'], needs: ['agent', 'pages'], production: true },
  chaos: { run: [...typescript, 'bench/chaos.ts'], needs: ['agent', 'pages'], production: true },
}

/** What is built, by what, from what. */
const builds = {
  agent: {
    says: 'building the node agent',
    run: ['agent/build.ts'],
    sources: ['agent', 'lib/protocol', 'package-lock.json'],
    makes: 'dist/agent/sallyport-agent.cjs',
  },
  pages: {
    says: 'building the portal (a minute, once)',
    run: ['node_modules/next/dist/bin/next', 'build'],
    sources: [
      'app',
      'components',
      'lib',
      'drizzle/schema',
      'public',
      'next.config.ts',
      'postcss.config.mjs',
      'tsconfig.json',
      'package-lock.json',
    ],
    makes: '.next/BUILD_ID',
    production: true,
  },
}

const [name = '', ...args] = process.argv.slice(2)
const command = commands[name]
if (!command) fail(`Commands: ${Object.keys(commands).join(', ')}`)
if (Number(process.versions.node.split('.')[0]) < 20)
  fail('Sallyport needs Node 20 or later to install itself')

process.chdir(root)
await install()
// Help and wrong settings need no build of a minute first.
if (name === 'start') {
  const code = await codeOf([...command.run, '--settings-only', ...args], environment(true))
  if (code !== 0 || /(^| )(--help|-h)( |$)/.test(args.join(' '))) process.exit(code)
}
for (const part of command.needs) await buildPart(part)
if (command.run) process.exitCode = await codeOf([...command.run, ...args], environment(command.production))

/** `npm ci` when there is nothing, or something else than the lock file says. */
async function install() {
  if (existsSync(pinnedNode) && isInstalled()) return
  say('installing dependencies')
  const flags = [
    'ci',
    '--include=dev',
    '--include=optional',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]
  const { code } = await run(['npm', ...flags], { ...process.env, NODE_ENV: 'development', CI: 'true' })
  if (code !== 0)
    fail('"npm ci" failed: see above. Sallyport needs the npm registry, or a filled npm cache, once')
  if (!existsSync(pinnedNode))
    fail(
      '"npm ci" did not bring Node (package "node"): are install scripts switched off (npm config get ignore-scripts)?',
    )
}

/** npm keeps a lock file of what it put into node_modules, written at the very end of an install. */
function isInstalled() {
  const text = readText(join('node_modules', '.package-lock.json'))
  if (!text) return false
  const { packages: installed } = JSON.parse(text)
  const { packages: wanted } = JSON.parse(readText('package-lock.json'))
  const fits = ([path, { version, optional }]) =>
    installed[path] ? installed[path].version === version : optional
  return Object.entries(wanted).every((entry) => entry[0] === '' || fits(entry))
}

/** Runs the pinned Node; answers its exit code as a shell would. */
async function codeOf(argv, env) {
  const { code, signal } = await run([pinnedNode, ...argv], env)
  return signal ? 128 + (constants.signals[signal] ?? 0) : (code ?? 1)
}

async function buildPart(part) {
  const { says, run: argv, sources, makes, production } = builds[part]
  const wanted = digest(sources)
  const stamp = join('dist', `${part}.built-from`)
  if (existsSync(makes) && readText(stamp) === wanted) return
  say(says)
  rmSync(stamp, { force: true })
  const { code } = await run([pinnedNode, ...argv], environment(production))
  if (code !== 0) fail(`${says} failed: see above`)
  mkdirSync('dist', { recursive: true })
  writeFileSync(stamp, wanted)
}

/** npm and everything below it find the pinned Node first. */
function environment(production) {
  return {
    ...process.env,
    PATH: [dirname(pinnedNode), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
    NEXT_TELEMETRY_DISABLED: '1',
    ...(production ? { NODE_ENV: 'production' } : {}),
  }
}

/** Signals that reach us go on to the child, whose end is ours. */
function run([file, ...argv], env) {
  const child = spawn(file, argv, { stdio: 'inherit', env })
  const forward = (signal) => child.kill(signal)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, forward)
  return new Promise((resolve) => {
    child.on('error', (error) => fail(`Cannot run ${file}: ${error.message}`))
    child.on('exit', (code, signal) => {
      for (const name of signals) process.off(name, forward)
      resolve({ code, signal })
    })
  })
}

/** One hash over the names and contents of files and folders; tests and tests' data do not count. */
function digest(paths) {
  const hash = createHash('sha256')
  const add = (path) => {
    if (!existsSync(path) || /\.(test|spec)\.tsx?$|\/fixtures\//.test(path)) return
    if (statSync(path).isDirectory())
      for (const entry of readdirSync(path).toSorted()) add(`${path}/${entry}`)
    else hash.update(`${path}\0`).update(readFileSync(path)).update('\0')
  }
  for (const path of paths) add(path)
  return hash.digest('hex')
}

function readText(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

function say(text) {
  process.stderr.write(`sallyport: ${text}\n`)
}

function fail(text) {
  process.stderr.write(`sallyport: ${text}\n`)
  process.exit(1)
}
