import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { paths } from '@/lib/paths'
import { openDemo } from '@/server/demo/open-demo'
import { runPipelines } from '@/server/demo/pipelines'
import { liveLine } from '@/server/demo/progress-bar'
import { flightCount } from '@/server/demo/flights'
import { isProven, summaryHeader, summaryRow } from '@/server/demo/summary'
import { tableText } from '@/server/stack/report-table'
import { ownerEmail } from '@/server/stack/stack'

const help = `npm run demo [-- options]
Brings up the portal, two nodes, a private PostgreSQL with 3,000,000 flights and Azurite, runs three copies, and stays up.
  --once          ends after the table; exit code 0 only if every digest agreed
  --fresh         starts over instead of going on with the data of an earlier start
  --port N        port of the portal (8443)
  --data-dir DIR  where everything is kept (.sallyport/demo)`

const flag = { type: 'boolean', default: false } as const
const { values: options } = parseArgs({
  options: {
    once: flag,
    fresh: flag,
    help: { ...flag, short: 'h' },
    port: { type: 'string', default: '8443' },
    'data-dir': { type: 'string', default: '.sallyport/demo' },
  },
})

if (options.help) console.log(help)
else await main()

async function main(): Promise<void> {
  const dataDir = resolve(options['data-dir'])
  if (options.fresh) await rm(dataDir, { recursive: true, force: true })
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const live = liveLine(process.stdout)
  const demo = await openDemo({ dataDir, port: Number(options.port) }, live)
  const stopped = new Promise<void>((done) => {
    process.once('SIGINT', () => done())
    process.once('SIGTERM', () => done())
  })
  try {
    const results = await Promise.race([runPipelines(demo, live), stopped.then(() => null)])
    if (!results) return
    console.log()
    console.log(tableText(summaryHeader, results.map(summaryRow)))
    if (!results.every((result) => isProven(result, flightCount))) process.exitCode = 1
    if (options.once) return
    const { stack, place } = demo
    console.log(`\nPortal:   ${stack.portal.localUrl}${paths.runs(place.factory.name)}`)
    console.log(`Sign in:  ${ownerEmail}  with the password  ${stack.ownerPassword}`)
    console.log(
      `The browser does not know the portal's own authority: trust ${join(dataDir, 'portal/tls/authority.crt')}, or go on past its warning.`,
    )
    console.log('Ctrl-C stops everything; the next start goes on with the same data.')
    await stopped
  } finally {
    live.keep('stopping')
    await demo.close()
  }
}
