import { verificationLevels, type VerificationLevel } from '@/lib/protocol/copy-plan'
import { tableText } from '@/server/stack/report-table'
import { type Case, cases, makeDatasets, makeSources } from './cases'
import { type Cpu, withCpu } from './cpu'
import { watchMemory } from './memory'
import { median } from './quantile'
import { awaitQuiet } from './settle'
import { openWorkbench, type Workbench } from './workbench'

export type CopyBenchOptions = {
  dataDir: string
  rows: number
  rounds: number
  only: string | undefined
  large: boolean
}

/** Copies lineitem by the product and by a named peer in turn, and prints medians, ratios, memory and the cost of each level. */
export async function benchCopy(options: CopyBenchOptions): Promise<boolean> {
  const chosen = cases.filter(
    ({ name }) => options.only === undefined || name.toLowerCase().includes(options.only.toLowerCase()),
  )
  const bench = await openWorkbench(options.dataDir)
  try {
    await makeSources(bench, options.rows)
    await makeDatasets(bench)
    const results = []
    for (const one of chosen) results.push(await measure(bench, one, options.rounds))
    const title = `${options.rows.toLocaleString('en')} rows of lineitem, median of ${options.rounds}, level stream`
    console.log(`\n${title}\n${tableText(ratioHeader, results.map(ratioRow))}`)
    console.log(`\nprocessor seconds, medians\n${tableText(cpuHeader, results.map(cpuRow))}`)
    console.log(
      `\nverification levels, seconds (and by stream)\n${tableText(levelHeader, results.map(levelRow))}`,
    )
    if (options.large) await measureLarge(bench, chosen, options.rows * 5)
    return results.every(({ one, ratio, peakBytes }) => ratio >= one.aim && peakBytes <= one.memoryAimBytes)
  } finally {
    await bench.close()
  }
}

type Result = {
  one: Case
  ours: number
  peer: number
  ratio: number
  /** The same for the peer made to do as we do; null where there is nothing to compare. */
  limit: number | null
  peakBytes: number
  levels: Record<VerificationLevel, number>
  cpu: { ours: Cpu; peer: Cpu }
}

const ratioHeader = ['copy', 'Sallyport s', 'peer', 'peer s', 'ratio', 'aim', 'by hand', 'agent memory']
const cpuHeader = ['copy', 'stores', 'agent', 'portal', 'of', 'with the peer: stores', 'peer', 'of']
const levelHeader = ['copy', ...verificationLevels]

/** Alternates, and lets either go first in turn, so that whatever else the machine does meets both alike. */
async function measure(bench: Workbench, one: Case, rounds: number): Promise<Result> {
  const times = {
    ours: [] as number[],
    peer: [] as number[],
    limit: [] as number[],
    counts: [] as number[],
    content: [] as number[],
  }
  const cpu = { ours: [] as Cpu[], peer: [] as Cpu[] }
  const ours = async () => {
    const timed = await ourTime(bench, one, 'stream')
    times.ours.push(timed.seconds)
    cpu.ours.push(timed.cpu)
  }
  const memory = watchMemory(bench.node.pid ?? 0)
  for (let round = 1; round <= rounds; round += 1) {
    const oursFirst = round % 2 === 1
    if (oursFirst) await ours()
    const timed = await peerTime(bench, one, one.peer)
    times.peer.push(timed.seconds)
    cpu.peer.push(timed.cpu)
    if (!oursFirst) await ours()
    if (one.limit) times.limit.push((await peerTime(bench, one, one.limit)).seconds)
    times.counts.push((await ourTime(bench, one, 'counts')).seconds)
    times.content.push((await ourTime(bench, one, 'content')).seconds)
    console.log(
      `${one.name}: round ${round} of ${rounds}: ${times.ours.at(-1)?.toFixed(1)} s, peer ${times.peer.at(-1)?.toFixed(1)} s`,
    )
  }
  const [oursSeconds, peerSeconds] = [median(times.ours), median(times.peer)]
  return {
    one,
    ours: oursSeconds,
    peer: peerSeconds,
    ratio: peerSeconds / oursSeconds,
    limit: one.limit ? peerSeconds / median(times.limit) : null,
    peakBytes: memory.stop(),
    levels: { counts: median(times.counts), stream: oursSeconds, content: median(times.content) },
    cpu: { ours: medianCpu(cpu.ours), peer: medianCpu(cpu.peer) },
  }
}

type Timed = { seconds: number; cpu: Cpu }

async function ourTime(bench: Workbench, one: Case, level: VerificationLevel): Promise<Timed> {
  await prepare(bench, one)
  const { result, cpu } = await withCpu(bench, () => one.ours(bench, level))
  return { seconds: result, cpu }
}

async function peerTime(bench: Workbench, one: Case, peer: Case['peer']): Promise<Timed> {
  await prepare(bench, one)
  const { result, cpu } = await withCpu(bench, async () => {
    const startedAt = performance.now()
    await peer(bench)
    return (performance.now() - startedAt) / 1000
  })
  return { seconds: result, cpu }
}

async function prepare(bench: Workbench, one: Case): Promise<void> {
  await one.prepare(bench)
  await awaitQuiet()
}

/** Memory must not grow with the table: each copy once more with five times the rows. */
async function measureLarge(bench: Workbench, chosen: Case[], rows: number): Promise<void> {
  console.log()
  await makeSources(bench, rows)
  const lines: string[][] = []
  for (const one of chosen) {
    const memory = watchMemory(bench.node.pid ?? 0)
    const { seconds } = await ourTime(bench, one, 'stream')
    lines.push([one.name, seconds.toFixed(1), megabytes(memory.stop())])
  }
  console.log(tableText([`${rows.toLocaleString('en')} rows`, 'seconds', 'agent memory'], lines))
}

function ratioRow({ one, ours, peer, ratio, limit, peakBytes }: Result): string[] {
  return [
    one.name,
    ours.toFixed(1),
    one.peerName,
    peer.toFixed(1),
    ratio.toFixed(2),
    `≥ ${one.aim.toFixed(2)}`,
    limit === null ? '' : limit.toFixed(2),
    `${megabytes(peakBytes)} (≤ ${megabytes(one.memoryAimBytes)})`,
  ]
}

function medianCpu(all: readonly Cpu[]): Cpu {
  const of = (part: keyof Cpu) => median(all.map((cpu) => cpu[part]))
  return { stores: of('stores'), agent: of('agent'), rest: of('rest'), available: of('available') }
}

function cpuRow({ one, cpu: { ours, peer } }: Result): string[] {
  const seconds = [ours.stores, ours.agent, ours.rest, ours.available, peer.stores, peer.rest, peer.available]
  return [one.name, ...seconds.map((each) => each.toFixed(1))]
}

function levelRow({ one, levels }: Result): string[] {
  return [
    one.name,
    ...verificationLevels.map(
      (level) => `${levels[level].toFixed(1)} (${(levels[level] / levels.stream).toFixed(2)})`,
    ),
  ]
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}
