import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { plainEnvironment } from '@/lib/db/postgres-cluster'

const agentFile = `dist/agent-test-${process.pid}/sallyport-agent.cjs`
export type CommandResult = { code: number | null; out: string; err: string }

/** The real agent, bundled once per file, with data folders of its own; what still runs is killed after each test. */
export function testAgents(): { make: () => Promise<TestAgent> } {
  const agents: TestAgent[] = []
  beforeAll(async () => {
    await promisify(execFile)(process.execPath, ['agent/build.ts', agentFile])
  })
  afterEach(async () => {
    await Promise.all(agents.splice(0).map((agent) => agent.destroy()))
  })
  afterAll(() => rm(`dist/agent-test-${process.pid}`, { recursive: true, force: true }))
  return {
    async make() {
      const agent = new TestAgent(await mkdtemp(join(tmpdir(), 'sallyport-agent-')))
      agents.push(agent)
      return agent
    },
  }
}

export class TestAgent {
  readonly dataDir: string
  /** Everything that `run` has logged. */
  log = ''
  #running: ChildProcess | undefined

  constructor(dataDir: string) {
    this.dataDir = dataDir
  }

  get pid(): number | undefined {
    return this.#running?.pid
  }

  /** Runs a command to its end. */
  async command(...args: string[]): Promise<CommandResult> {
    const child = this.#spawn(args)
    const result = { code: null as number | null, out: '', err: '' }
    child.stdout?.on('data', (chunk: Buffer) => (result.out += chunk.toString()))
    child.stderr?.on('data', (chunk: Buffer) => (result.err += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number | null]
    return { ...result, code }
  }

  /** The same, while nobody reads what it prints to standard output. */
  async unheard(...args: string[]): Promise<Omit<CommandResult, 'out'>> {
    const child = this.#spawn(args)
    child.stdout?.destroy()
    let err = ''
    child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, err }
  }

  /** Starts `run`. */
  start(): void {
    const child = this.#spawn(['run'])
    const keep = (chunk: Buffer) => (this.log += chunk.toString())
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
    this.#running = child
  }

  signal(signal: NodeJS.Signals): void {
    this.#running?.kill(signal)
  }

  /** The exit code of `run`, or the signal that ended it. */
  async ended(): Promise<number | NodeJS.Signals | null> {
    const child = this.#running
    if (!child) return null
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
    return child.exitCode ?? child.signalCode
  }

  async read(file: string): Promise<string> {
    return await readFile(join(this.dataDir, file), 'utf8')
  }

  async destroy(): Promise<void> {
    this.signal('SIGCONT')
    this.signal('SIGKILL')
    await this.ended()
    await rm(this.dataDir, { recursive: true, force: true })
  }

  #spawn(args: string[]): ChildProcess {
    return spawn(process.execPath, [agentFile, ...args, '--data-dir', this.dataDir], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...plainEnvironment, HOME: this.dataDir },
    })
  }
}
