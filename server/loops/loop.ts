import { log } from '@/lib/log'

/** Repeats `run`, never twice at a time; a failure is logged and does not end it. Answers a function that stops it and waits for a run under way. */
export function startLoop(loop: {
  name: string
  everyMs: number
  run: () => Promise<unknown>
}): () => Promise<void> {
  const { name, everyMs, run } = loop
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let current: Promise<void> = Promise.resolve()

  const turn = async () => {
    try {
      await run()
    } catch (err) {
      log.error({ err }, `the loop "${name}" failed; it goes on`)
    }
    if (!stopped) timer = setTimeout(begin, everyMs)
  }
  const begin = () => {
    current = turn()
  }
  timer = setTimeout(begin, everyMs)
  return async () => {
    stopped = true
    clearTimeout(timer)
    await current
  }
}
