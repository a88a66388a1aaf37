import { processShared } from '@/lib/process-shared'

const waiting = processShared<Map<string, Set<() => void>>>('interactive-answers', () => new Map())

/** Tells whoever waits for these tasks in this process that they were taken or have ended; call it after the commit. */
export function wakeAnswers(taskIds: readonly string[]): void {
  for (const taskId of taskIds) for (const wake of waiting.value.get(taskId) ?? []) wake()
}

export type AnswerWatch = {
  /** Resolves at the first wake-up since the last call, after `timeoutMs`, or when the signal aborts. */
  next: (timeoutMs: number, signal: AbortSignal) => Promise<void>
  end: () => void
}

/** Watch first, then read: a wake-up that comes while the row is being read is not lost. */
export function watchAnswer(taskId: string): AnswerWatch {
  const watchers = waiting.value.get(taskId) ?? new Set()
  let woken = Promise.withResolvers<void>()
  const wake = () => woken.resolve()
  waiting.value.set(taskId, watchers.add(wake))

  return {
    async next(timeoutMs, signal) {
      const timer = setTimeout(wake, timeoutMs)
      signal.addEventListener('abort', wake)
      if (signal.aborted) wake()
      await woken.promise
      woken = Promise.withResolvers<void>()
      clearTimeout(timer)
      signal.removeEventListener('abort', wake)
    },
    end() {
      watchers.delete(wake)
      if (watchers.size === 0) waiting.value.delete(taskId)
    },
  }
}
