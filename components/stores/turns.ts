type Turns = <Answer>(signal: AbortSignal, ask: () => Promise<Answer>) => Promise<Answer>

/** At most so many at once, in the order in which they came; who gives up meanwhile gives its turn away. */
export function takeTurns(most: number): Turns {
  const waiting: (() => void)[] = []
  let free = most

  async function enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (free > 0) {
      free -= 1
      return
    }
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        waiting.splice(waiting.indexOf(go), 1)
        reject(signal.reason as Error)
      }
      const go = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      waiting.push(go)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  return async (signal, ask) => {
    await enter(signal)
    try {
      return await ask()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free += 1
    }
  }
}
