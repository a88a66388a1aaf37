import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Arena } from './chaos/arena'
import { makeSource } from './chaos/copies'
import { storm, stormReport } from './chaos/storm'
import { buildUnfencedAgent } from './chaos/unfenced-agent'
import { wakeZombie } from './chaos/zombie'

const help = `npm run chaos [-- options]
Copies run while nodes, portal and both PostgreSQL servers are killed or paused at random; then every sink is counted.
  --copies N     copies under faults (40)
  --seed N       the same faults in the same order (printed)
  --rows N       rows of each copy (200000)
  --data-dir DIR where everything runs (.sallyport/chaos; made anew)`

const { values } = parseArgs({
  options: {
    copies: { type: 'string', default: '40' },
    seed: { type: 'string' },
    rows: { type: 'string', default: '200000' },
    'data-dir': { type: 'string', default: '.sallyport/chaos' },
    help: { type: 'boolean', default: false, short: 'h' },
  },
})

if (values.help) console.log(help)
else await main()

async function main(): Promise<void> {
  const dataDir = resolve(values['data-dir'])
  const copies = Number(values.copies)
  const rows = Number(values.rows)
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
  await rm(dataDir, { recursive: true, force: true })
  const problems: string[] = []

  console.log('a stopped node wakes up after its successor has ended the copy')
  const extra = await withArena(join(dataDir, 'zombie'), { nodes: 2, port: 8653, rows }, (arena) =>
    wakeZombie(arena, 0),
  )
  console.log(`  with the fence: ${extra} rows too many`)
  if (extra !== 0) problems.push(`${extra} rows too many after a stopped node woke up`)

  const agentFile = join(dataDir, 'unfenced-agent.cjs')
  await buildUnfencedAgent('agent/main.ts', agentFile)
  const unfenced = await withArena(
    join(dataDir, 'unfenced'),
    { nodes: 2, port: 8654, rows, agentFile },
    (arena) => wakeZombie(arena, 0),
  )
  console.log(`  without it: ${unfenced} rows too many`)
  if (unfenced === 0) problems.push('the test did not notice that the fence was out')

  console.log(`${copies} copies of ${rows.toLocaleString('en')} rows under faults, seed ${seed}`)
  const result = await withArena(join(dataDir, 'storm'), { nodes: 3, port: 8655, rows }, (arena) =>
    storm(arena, { copies, seed }),
  )
  console.log(stormReport(result, copies))
  problems.push(...result.wrong)

  for (const problem of problems) console.log(`WRONG  ${problem}`)
  console.log(
    problems.length === 0
      ? `${copies} copies: nothing lost, nothing doubled, nothing stuck`
      : `failed with seed ${seed}`,
  )
  // Connections of a killed portal may linger in this process.
  process.exit(problems.length === 0 ? 0 : 1)
}

type ArenaOptions = { nodes: number; port: number; rows: number; agentFile?: string }

async function withArena<Result>(
  dataDir: string,
  { rows, ...options }: ArenaOptions,
  use: (arena: Arena) => Promise<Result>,
): Promise<Result> {
  const arena = await Arena.open(dataDir, options)
  try {
    await makeSource(arena.storesUrl, rows)
    return await use(arena)
  } finally {
    await arena.close()
  }
}
