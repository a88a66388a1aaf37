import { parseArgs } from 'node:util'
import { env, listSettings, WrongSettings } from '@/lib/env'
import { log, takeOverConsole } from '@/lib/log'
import { paths } from '@/lib/paths'
import type { PortalReady } from '@/server/portal-process'
import { type RunningPortal, startPortal } from '@/server/portal'

/** A signal repeated within this time is the same key press: a terminal and npm both send it. */
const sameSignalMs = 500

// Whoever reads along (a pipe to "tee", a log collector) may go; nodes and people still need the portal.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

/** `--settings-only` is how the first step of `npm start` asks before it builds. */
const { values: flags } = parseArguments()

async function main(): Promise<void> {
  if (flags.help) return say([helpText()])
  try {
    const settings = env()
    if (flags['settings-only']) return
    log.level = settings.logLevel
    if (!flags.dev) takeOverConsole()
    const stopping = new AbortController()
    const starting = startPortal(settings, { dev: flags.dev, stopping: stopping.signal })
    stopOnSignals(starting, stopping)
    const portal = await starting.catch((error: unknown) => {
      if (!stopping.signal.aborted) throw error
    })
    if (portal) announce(portal)
  } catch (error) {
    giveUp(error)
  }
}

function parseArguments() {
  const flag = { type: 'boolean', default: false } as const
  try {
    return parseArgs({ options: { help: { ...flag, short: 'h' }, dev: flag, 'settings-only': flag } })
  } catch (error) {
    return giveUp(error)
  }
}

function announce(portal: RunningPortal): void {
  const { publicUrl, localUrl, setupCode, databaseUrl, authorityFile } = portal
  const lines = ['', `Sallyport is ready:  ${publicUrl}`]
  if (localUrl !== publicUrl) lines.push(`On this machine:     ${localUrl}`)
  if (authorityFile) lines.push(`Certificates of:     ${authorityFile}`)
  if (setupCode) lines.push(`First owner:         ${localUrl}${paths.setup()}  with the code  ${setupCode}`)
  say([...lines, ''])
  // A process that started us (demo, chaos, browser tests) is told the same over its channel, and we end with it.
  const ready: PortalReady = { publicUrl, localUrl, setupCode, databaseUrl: databaseUrl.reveal() }
  process.send?.(ready)
}

function stopOnSignals(starting: Promise<RunningPortal>, stopping: AbortController): void {
  let first = 0
  const onSignal = (signal: NodeJS.Signals) => {
    if (first === 0) {
      first = Date.now()
      log.info(`${signal}: finishing what is under way; again to stop at once`)
      stopping.abort()
      void stop(starting, stopping.signal)
    } else if (Date.now() - first > sameSignalMs) {
      process.exit(1)
    }
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  process.on('SIGHUP', onSignal)
  process.on('disconnect', () => onSignal('SIGTERM'))
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'unhandled rejection'))
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught exception')
    process.exitCode = 1
    if (first === 0) onSignal('SIGTERM')
  })
}

async function stop(starting: Promise<RunningPortal>, stopping: AbortSignal): Promise<void> {
  try {
    await (await starting).stop()
    log.info('stopped')
  } catch (error) {
    if (error === stopping.reason) log.info('stopped before it had started')
    else {
      log.error({ err: error }, 'stopped with an error')
      process.exitCode = 1
    }
  }
  process.exit()
}

function helpText(): string {
  const settings = listSettings()
  const width = Math.max(...settings.map(({ name }) => name.length))
  const lines = settings.flatMap(({ name, about, fallback }) => [
    `  ${name.padEnd(width)}  ${about}`,
    ...(fallback ? [`  ${''.padEnd(width)}  Default: ${fallback}`] : []),
  ])
  return ['Starts the portal: npm start', '', 'Settings are environment variables:', ...lines].join('\n')
}

function say(lines: string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}

function giveUp(error: unknown): never {
  if (error instanceof WrongSettings) {
    complain([
      'Sallyport cannot start with these settings:',
      ...error.problems.map((problem) => `  ${problem}`),
    ])
  } else {
    complain([`Sallyport cannot start: ${error instanceof Error ? error.message : String(error)}`])
    log.debug({ err: error }, 'start failed')
  }
  process.exit(1)
}

function complain(lines: string[]): void {
  process.stderr.write(`${lines.join('\n')}\n`)
}

await main()
