import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { plainEnvironment } from '@/lib/db/postgres-cluster'

export type NodeOptions = {
  /** The built agent, one file. */
  agentFile: string
  dataDir: string
  name: string
}
export type Enrolment = {
  portalUrl: string
  /** An authentication key, or the token of an enrolment link. */
  credential: { key: string; fingerprint: string } | { token: string }
  slots: number
  allowFolders: string[]
}

/** Registers a node as a person would on its machine; throws with what the agent printed where it did not succeed. */
export async function enrolNode(node: NodeOptions, enrolment: Enrolment): Promise<void> {
  const { credential } = enrolment
  const args = [
    'register',
    '--portal',
    enrolment.portalUrl,
    ...('key' in credential
      ? ['--key', credential.key, '--ca-fingerprint', credential.fingerprint]
      : ['--token', credential.token]),
    '--name',
    node.name,
    '--slots',
    String(enrolment.slots),
    ...enrolment.allowFolders.flatMap((folder) => ['--allow-folder', folder]),
  ]
  await mkdir(node.dataDir, { recursive: true, mode: 0o700 })
  const child = launch(node, args)
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const [code] = await once(child, 'close')
  if (code !== 0)
    throw new Error(`Node ${node.name} did not register (exit code ${String(code)}):\n${output.trim()}`)
}

/** A registered node's agent as an operating-system process, with the faults that a machine can have. */
export class NodeProcess {
  readonly options: NodeOptions
  #child: ChildProcess | null = null
  #exited: Promise<void> = Promise.resolve()

  constructor(options: NodeOptions) {
    this.options = options
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  start(): void {
    const child = launch(this.options, ['run'])
    const log = createWriteStream(join(this.options.dataDir, 'agent.log'), { flags: 'a', mode: 0o600 })
    child.stdout?.pipe(log, { end: false })
    child.stderr?.pipe(log, { end: false })
    this.#child = child
    this.#exited = once(child, 'close').then(() => {
      log.end()
      if (this.#child === child) this.#child = null
    })
  }

  /** Lets running copies end or hand over. */
  async stop(): Promise<void> {
    this.#child?.kill('SIGTERM')
    await this.#exited
  }

  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL')
    await this.#exited
  }

  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }
}

function launch(node: NodeOptions, args: string[]): ChildProcess {
  return spawn(process.execPath, [node.agentFile, ...args, '--data-dir', node.dataDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...plainEnvironment, HOME: node.dataDir },
  })
}
