import { env, listSettings, WrongSettings } from '@/lib/env'
import { log } from '@/lib/log'
import { type RunningPortal, startPortal } from '@/server/portal'

/** A signal repeated within this time is the same key press: a terminal and npm both send it. */
const sameSignalMs = 500

async function main(): Promise<void> {
  const [unknown] = process.argv.slice(2).filter((argument) => !['--help', '-h', '--dev'].includes(argument))
  if (unknown) return giveUp([`Unknown argument "${unknown}"`, '', helpText()], 2)
  if (process.argv.includes('--help') || process.argv.includes('-h')) return say([helpText()])
  const dev = process.argv.includes('--dev')
  try {
    const settings = env()
    log.level = settings.logLevel
    const starting = startPortal(settings, { dev })
    stopOnSignals(starting)
    announce(await starting)
  } catch (error) {
    if (error instanceof WrongSettings)
      return giveUp(
        ['Sallyport cannot start with these settings:', ...error.problems.map((problem) => `  ${problem}`)],
        2,
      )
    log.debug({ err: error }, 'start failed')
    giveUp([`Sallyport cannot start: ${error instanceof Error ? error.message : String(error)}`], 1)
  }
}

function announce({ publicUrl, localUrl }: RunningPortal): void {
  const also = localUrl === publicUrl ? [] : [`On this machine also   ${localUrl}`]
  say(['', `Sallyport is ready at  ${publicUrl}`, ...also, ''])
}

function stopOnSignals(starting: Promise<RunningPortal>): void {
  let first = 0
  const onSignal = (signal: NodeJS.Signals) => {
    if (first === 0) {
      first = Date.now()
      log.info(`${signal}: finishing what is under way; again to stop at once`)
      void stop(starting)
    } else if (Date.now() - first > sameSignalMs) {
      process.exit(1)
    }
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  process.on('SIGHUP', onSignal)
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'unhandled rejection'))
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught exception')
    process.exitCode = 1
    if (first === 0) onSignal('SIGTERM')
  })
}

async function stop(starting: Promise<RunningPortal>): Promise<void> {
  try {
    await (await starting).stop()
    log.info('stopped')
  } catch (error) {
    log.error({ err: error }, 'stopped with an error')
    process.exitCode = 1
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

function giveUp(lines: string[], code: number): void {
  process.stderr.write(`${lines.join('\n')}\n`)
  process.exitCode = code
}

await main()
