import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'

/** The emulator's well-known account, published in Azurite's documentation: a constant of the emulator, not a secret. */
export const emulatorAccount = {
  name: 'devstoreaccount1',
  key: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
}

export type BlobEmulator = { serviceEndpoint: string; pid: number; stop(): Promise<void> }

/** Starts Azurite, the official Azure Blob emulator, as a process of its own on a loopback port. */
export async function startBlobEmulator(dataDir: string, port: number): Promise<BlobEmulator> {
  const program = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js')
  const child = spawn(
    process.execPath,
    [
      program,
      '--blobHost',
      '127.0.0.1',
      '--blobPort',
      String(port),
      '--location',
      dataDir,
      '--silent',
      '--skipApiVersionCheck',
      '--disableTelemetry',
    ],
    { stdio: 'ignore' },
  )
  const exited = once(child, 'exit')
  const serviceEndpoint = `http://127.0.0.1:${port}/${emulatorAccount.name}`
  await answers(serviceEndpoint, exited)
  const stop = async () => {
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
    await exited
    clearTimeout(timer)
  }
  return { serviceEndpoint, pid: child.pid ?? 0, stop }
}

async function answers(serviceEndpoint: string, exited: Promise<unknown>): Promise<void> {
  const early = exited.then(() => 'ended' as const)
  const deadline = Date.now() + 60_000
  while (Date.now() < deadline) {
    // Any HTTP answer will do: an unsigned request is refused, which proves that it listens.
    const probe = fetch(serviceEndpoint).then(
      () => 'answers' as const,
      () => sleep(100),
    )
    const outcome = await Promise.race([probe, early])
    if (outcome === 'answers') return
    if (outcome === 'ended') throw new Error('The blob emulator (Azurite) ended while it started')
  }
  throw new Error('The blob emulator (Azurite) did not answer within 60 s')
}
