import type { LogLevel, RunView } from '@/lib/runs/schemas'

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

export function logLevelOf(text: string | null): LogLevel {
  return levels.find((level) => level === text) ?? 'info'
}

/** What of a run the address says is shown; as RunView reads it on the server, without its schema in the browser. */
export function viewOf(search: URLSearchParams): RunView {
  const activity = search.get('activity')
  const parts = Number(search.get('parts') ?? 0)
  return {
    ...(activity ? { activity } : {}),
    parts: Number.isInteger(parts) && parts >= 0 && parts <= 10_000 ? parts : 0,
    level: logLevelOf(search.get('level')),
  }
}
