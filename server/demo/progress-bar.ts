import { formatByteRate, formatBytes, formatCount, formatDuration, formatRowRate } from '@/lib/format'

const barWidth = 24

export type BarState = {
  label: string
  /** From 0 to 1; null while the whole is not known. */
  share: number | null
  rows: string
  bytes: string
  rowsPerSecond: number | null
  bytesPerSecond: number | null
  timeLeftMs: number | null
  note: string
}

/** One line: `PostgreSQL → Parquet  [████····]  52 %  1,560,000 rows …`. */
export function barLine(state: BarState): string {
  const filled = Math.round(Math.min(1, state.share ?? 0) * barWidth)
  const bar = state.share === null ? '░'.repeat(barWidth) : '█'.repeat(filled) + '·'.repeat(barWidth - filled)
  const percent = state.share === null ? '–' : String(Math.floor(state.share * 100))
  const parts = [
    `${state.label.padEnd(28)} [${bar}] ${percent.padStart(3)} %`,
    `${formatCount(state.rows)} rows`,
    formatBytes(state.bytes),
    ...(state.rowsPerSecond === null ? [] : [formatRowRate(state.rowsPerSecond)]),
    ...(state.bytesPerSecond === null ? [] : [formatByteRate(state.bytesPerSecond)]),
    ...(state.timeLeftMs === null ? [] : [`${formatDuration(state.timeLeftMs)} left`]),
    state.note,
  ]
  return parts.filter((part) => part !== '').join('  ')
}

export type LiveLine = { show(line: string): void; keep(line: string): void }

/** Rewrites one line on a terminal; elsewhere prints a line only when its first words or tens of percent change. */
export function liveLine(out: NodeJS.WriteStream): LiveLine {
  let shown = ''
  return {
    show(line) {
      if (out.isTTY) {
        out.write(`\r\x1b[2K${line.slice(0, Math.max(20, out.columns - 1))}`)
        return
      }
      const key = /^.*?\] +(\d*?)\d %.*$/.exec(line)?.[0].replace(/\d %.*$/, '') ?? line
      if (key !== shown) out.write(`${line}\n`)
      shown = key
    },
    keep(line) {
      out.write(out.isTTY ? `\r\x1b[2K${line}\n` : `${line}\n`)
      shown = ''
    },
  }
}
