import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { benchCopy } from './copy'
import { benchDispatch } from './dispatch'
import { benchPages } from './pages'

const help = `npm run bench -- copy      copies against psql and DuckDB: time ratio, memory, cost of each verification level
  --rows N      rows of lineitem (3000000)
  --rounds N    alternating rounds, of which the median counts (3)
  --only TEXT   only copies whose name contains TEXT
  --large       memory again with five times the rows
  --fresh       makes the data anew
  --data-dir DIR  where the servers' data lies (.sallyport/bench)
npm run bench -- dispatch  time from "run" to the node starting, and held polls of one portal process
  --held N      polls held at once (5000)
  --runs N      runs per fleet (200)
npm run bench -- pages     each page of a busy factory against its budget: server time, script, largest paint, layout shift
  --rounds N    looks at each page with an empty cache (3)
  --only TEXT   only pages whose name contains TEXT
  --pictures DIR  pictures of each page as well: desktop and phone, light and dark
  --fresh       makes the factory anew`

const flag = { type: 'boolean', default: false } as const
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string', default: '3000000' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    pictures: { type: 'string' },
    held: { type: 'string', default: '5000' },
    runs: { type: 'string', default: '200' },
    'data-dir': { type: 'string', default: '.sallyport/bench' },
    large: flag,
    fresh: flag,
    help: { ...flag, short: 'h' },
  },
})

await main()

async function main(): Promise<void> {
  const dataDir = resolve(values['data-dir'])
  if (values.fresh) await rm(dataDir, { recursive: true, force: true })
  if (positionals[0] === 'copy') {
    const { only, large } = values
    const met = await benchCopy({
      dataDir,
      rows: Number(values.rows),
      rounds: Number(values.rounds),
      only,
      large,
    })
    if (!met) console.log('\nNot every aim was met.')
    return
  }
  if (positionals[0] === 'dispatch') {
    await benchDispatch({
      dataDir: join(dataDir, 'dispatch'),
      held: Number(values.held),
      runs: Number(values.runs),
    })
    return
  }
  if (positionals[0] === 'pages') {
    const { only, pictures } = values
    const kept = await benchPages({ dataDir, only, rounds: Number(values.rounds), pictures })
    if (!kept) console.log('\nNot every page keeps its budget.')
    return
  }
  console.log(help)
  process.exitCode = values.help ? 0 : 2
}
