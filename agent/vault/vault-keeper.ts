import type { AgentContext } from '../agent-context.ts'
import { pause, retryMs } from '../backoff.ts'

/** Keeps the vault in step with the portal beside the polls, so that a vault in trouble never holds up work. */
export type VaultKeeper = {
  /** The newest version that this node has heard of; polls name it, so that each is told once. */
  readonly heardVersion: string
  hear(version: string): void
  run(signal: AbortSignal): Promise<void>
}

export function createVaultKeeper({ vault, log, random }: AgentContext): VaultKeeper {
  let heard = BigInt(vault.version())
  let news = Promise.withResolvers<void>()

  const synchronise = async (signal: AbortSignal) => {
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        await vault.sync(signal)
        return
      } catch (error) {
        if (signal.aborted) return
        log.warn({ reason: String(error), failures }, 'the vault could not be synchronised')
        await pause(retryMs(error, { failures: failures + 1, random: random() }), signal)
      }
    }
  }
  return {
    get heardVersion() {
      return heard.toString()
    },
    hear(version) {
      if (BigInt(version) <= heard) return
      heard = BigInt(version)
      news.resolve()
    },
    async run(signal) {
      signal.addEventListener('abort', () => news.resolve(), { once: true })
      while (!signal.aborted) {
        await news.promise
        news = Promise.withResolvers()
        if (signal.aborted) return
        await synchronise(signal)
        if (BigInt(vault.version()) > heard) heard = BigInt(vault.version())
      }
    },
  }
}
