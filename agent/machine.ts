import { readFile } from 'node:fs/promises'
import { arch, cpus, freemem, hostname, platform, release, totalmem } from 'node:os'
import type { Capabilities, NodeMachine } from '../lib/protocol/enrolment.ts'
import { storeTypes } from '../lib/protocol/stores.ts'
import { type Resources, taskKinds } from '../lib/protocol/task.ts'
import { productVersion } from '../lib/protocol/version.ts'

export function describeMachine(): NodeMachine {
  return {
    hostName: hostname().slice(0, 253) || 'unnamed',
    platform: platform(),
    arch: arch(),
    osRelease: release().slice(0, 128),
    cpuCount: cpus().length,
    memoryTotalBytes: String(totalmem()),
    agentVersion: productVersion,
    nodeVersion: process.versions.node,
    keyProtection: 'file',
  }
}

export const capabilities: Capabilities = { taskKinds: [...taskKinds], storeTypes: [...storeTypes] }

/** Measures CPU use between two calls; the first call measures since the machine's start. */
export function createResourceMeter(): () => Promise<Resources> {
  let before = { idle: 0, total: 0 }
  return async () => {
    const now = cpuTimes()
    const total = now.total - before.total
    const busy = total === 0 ? 0 : 1 - (now.idle - before.idle) / total
    before = now
    return {
      cpuPercent: Math.round(Math.min(1, Math.max(0, busy)) * 1000) / 10,
      memoryUsedBytes: String(totalmem() - (await availableBytes())),
      memoryTotalBytes: String(totalmem()),
      agentMemoryBytes: String(process.memoryUsage.rss()),
    }
  }
}

function cpuTimes() {
  let idle = 0
  let total = 0
  for (const { times } of cpus()) {
    idle += times.idle
    total += times.user + times.nice + times.sys + times.idle + times.irq
  }
  return { idle, total }
}

/** Free memory counts caches as used; Linux tells what can really be had. */
async function availableBytes(): Promise<number> {
  const info = await readFile('/proc/meminfo', 'utf8').catch(() => '')
  const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(info)?.[1]
  return kilobytes ? Number(kilobytes) * 1024 : freemem()
}
