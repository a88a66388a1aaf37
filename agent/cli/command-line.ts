import { availableParallelism, homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { Command, InvalidArgumentError, Option } from 'commander'
import { productVersion } from '../../lib/protocol/version.ts'
import { AgentFailure } from '../agent-error.ts'
import { Refusal } from '../client.ts'
import { approve } from './approve.ts'
import { configure, type ConfigureOptions } from './configure.ts'
import { doctor } from './doctor.ts'
import type { Io } from './io.ts'
import { register, type RegisterOptions } from './register.ts'
import { rotateKeys } from './rotate-keys.ts'
import { status } from './status.ts'
import { unregister } from './unregister.ts'
import { hostRuleWords, isHostRule } from '../host-rule.ts'
import { openAgent } from '../open-agent.ts'
import { lockDataDir } from '../process-lock.ts'
import { runAgent } from '../run-agent.ts'

/** What the edge of the process gives to a command. */
export type Edge = {
  io: Io
  /** Starts a worker thread out of the agent's own file. */
  spawnWorker: () => Worker
  /** Hears each request to stop (SIGTERM, SIGINT). */
  onStop: (listener: () => void) => void
}

/** Runs the command that the arguments name; throws what made it fail. */
export async function runCommandLine(edge: Edge): Promise<void> {
  await commandLine(edge).parseAsync()
}

/** What a person reads when a command failed. */
export function explainFailure(error: unknown): string {
  const known = error instanceof AgentFailure || error instanceof Refusal
  const step = error instanceof AgentFailure ? ` (${error.step})` : ''
  if (known) return `Failed${step}: ${error.message}`
  return String(error instanceof Error ? error.stack : error)
}

function commandLine(edge: Edge): Command {
  const program = new Command('sallyport-agent')
    .description('The node agent of Sallyport: dials out to its portal and copies data between stores.')
    .version(productVersion)
  addRegister(program, edge)
  addRun(program, edge)
  addKeys(program, edge)
  addLeaving(program, edge)
  return program
}

function addRegister(program: Command, { io }: Edge): void {
  program
    .command('register')
    .description('register this machine as a node; succeeds only after the portal answered its first poll')
    .option('--token <token>', 'token of an enrolment link (irj1.…)')
    .option('--key <key>', 'authentication key of the integration runtime (IR@…)')
    .option(
      '--secret-file <path>',
      'file with the token or the key, "-" for standard input: not seen by others',
    )
    .option('--portal <url>', 'address of the portal; a key names it already')
    .option('--ca-fingerprint <sha256>', "SHA-256 of the public key of the portal's authority, with --key")
    .option('--name <name>', 'name of the node; the host name when left out')
    .addOption(
      new Option('--slots <number>', 'copies at the same time')
        .default(defaultSlots(), 'one per core, 2 to 8')
        .argParser(whole(1, 256)),
    )
    .option(
      '--allow-folder <folder>',
      'a folder that File system stores may open; repeat it for more',
      collect,
      [],
    )
    .option(
      '--allow-host <host>',
      'a host that all other stores may be reached at: a name, *.suffix, address or range, with or without a port; repeat it for more. Any host when left out',
      collectHosts,
      [],
    )
    .option('--proxy <url>', 'http://[user:password@]host:port on the way to the portal')
    .addOption(
      new Option('--rotate-keys-days <days>', "age at which the node's keys are rotated; 0: never by itself")
        .default(90)
        .argParser(whole(0, 3650)),
    )
    .addOption(
      new Option('--drain-seconds <seconds>', 'how long a stop lets copies go on')
        .default(60)
        .argParser(whole(0, 86_400)),
    )
    .addOption(dataDir())
    .action((options: RegisterOptions) => register(options, io))
  program
    .command('configure')
    .description('change what this machine allows; the portal cannot')
    .option('--allow-host <host>', 'as for "register"', collectHosts, [])
    .option('--remove-host <host>', 'take a host out of those that are allowed', collect, [])
    .option('--any-host', 'allow any host again', false)
    .option('--allow-folder <folder>', 'as for "register"', collect, [])
    .option('--remove-folder <folder>', 'take a folder out of those that are allowed', collect, [])
    .addOption(dataDir())
    .action((options: ConfigureOptions) => configure(options, io))
}

function addRun(program: Command, edge: Edge): void {
  const { io, spawnWorker } = edge
  program
    .command('run')
    .description('run the node until it is stopped')
    .addOption(dataDir())
    .action((options: { dataDir: string }) => run(options.dataDir, edge))
  program
    .command('status')
    .description('say what the agent on this machine does')
    .addOption(dataDir())
    .action((options: { dataDir: string }) => status(options.dataDir, io))
  program
    .command('doctor')
    .description('check the way to the portal and this machine, step by step')
    .addOption(dataDir())
    .action((options: { dataDir: string }) => doctor(options.dataDir, { io, spawnWorker }))
}

function addKeys(program: Command, { io, spawnWorker }: Edge): void {
  program
    .command('approve')
    .description(
      'let a waiting node read the credentials: on a node that may, with the fingerprint that "status" prints there',
    )
    .argument('<fingerprint>', "fingerprint of the new node's keys, read on its machine")
    .addOption(dataDir())
    .action((fingerprint: string, options: { dataDir: string }) =>
      approve({ ...options, fingerprint }, { io, spawnWorker }),
    )
  program
    .command('rotate-keys')
    .description('give this node new keys; the running agent takes them over by itself')
    .addOption(dataDir())
    .action((options: { dataDir: string }) => rotateKeys(options.dataDir, { io, spawnWorker }))
}

function addLeaving(program: Command, { io, spawnWorker }: Edge): void {
  program
    .command('unregister')
    .description('take this node out of its runtime and forget its keys')
    .option('--force', 'forget the keys even where the portal cannot be reached', false)
    .addOption(dataDir())
    .action((options: { dataDir: string; force: boolean }) => unregister(options, { io, spawnWorker }))
}

async function run(dataDir: string, { spawnWorker, onStop }: Edge): Promise<void> {
  const lock = await lockDataDir(dataDir)
  const agent = await openAgent(dataDir, spawnWorker)
  const drain = new AbortController()
  const abort = new AbortController()
  // The first signal lets copies end, the second hands them back at once.
  onStop(() => (drain.signal.aborted ? abort.abort() : drain.abort()))
  await runAgent(agent, dataDir, { drain: drain.signal, abort: abort.signal })
  await agent.close()
  await lock.release()
}

function whole(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text)
    if (Number.isInteger(value) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`use a whole number from ${min} to ${max}`)
  }
}

/** A copy keeps about one core busy; more at a time only cost memory. */
function defaultSlots(): number {
  return Math.min(8, Math.max(2, availableParallelism()))
}

function collectHosts(value: string, before: string[]): string[] {
  if (isHostRule(value)) return collect(value, before)
  throw new InvalidArgumentError(`it ${hostRuleWords}`)
}

function collect(value: string, before: string[]): string[] {
  return [...before, value]
}

function dataDir(): Option {
  return new Option('--data-dir <folder>', 'where the node keeps its keys and state')
    .env('SALLYPORT_AGENT_DATA_DIR')
    .default(join(homedir(), '.sallyport-agent'))
    .argParser((folder: string) => resolve(folder))
}
