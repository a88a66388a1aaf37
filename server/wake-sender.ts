import type { Db } from '@/lib/db/client'
import type { Wake } from '@/lib/tasks/wake'
import { packWakes, sendWakeMessages } from '@/server/wake-messages'

/** 20 a second cost 64 busy writers nothing (performance.md, "Queue and channel"). */
const everyMs = 50

export type WakeSender = { add: (wakes: readonly Wake[]) => void; stop: () => Promise<void> }

/** Tells other portal processes of wake-ups: the first at once, what comes within the next 50 ms together. */
export function createWakeSender(db: Db, from: string, onError: (error: unknown) => void): WakeSender {
  let waiting: Wake[] = []
  let timer: NodeJS.Timeout | undefined
  let sending: Promise<void> | undefined
  let lastAtMs = Number.NEGATIVE_INFINITY

  const send = async () => {
    const wakes = waiting
    waiting = []
    lastAtMs = performance.now()
    // What is lost here is found by the others' look at the queue.
    await sendWakeMessages(db, packWakes(from, wakes)).catch(onError)
  }
  const arrange = () => {
    if (timer || sending || waiting.length === 0) return
    timer = setTimeout(
      () => {
        timer = undefined
        sending = send().finally(() => {
          sending = undefined
          arrange()
        })
      },
      Math.max(0, lastAtMs + everyMs - performance.now()),
    )
  }
  return {
    add(wakes) {
      waiting.push(...wakes)
      arrange()
    },
    async stop() {
      clearTimeout(timer)
      waiting = []
      await sending
    },
  }
}
