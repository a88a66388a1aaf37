import { clsx } from 'clsx'

type SparklineProps = {
  /** What it shows, with its end: "Rows per hour today, 42,000 at the end". */
  label: string
  /** Equally spaced; null where nothing was measured. */
  points: readonly (number | null)[]
  className?: string
}

const width = 100
const height = 24

/** The shape of a number over time, without axes; gaps stay gaps. */
export function Sparkline({ label, points, className }: SparklineProps) {
  const top = Math.max(1, ...points.map((point) => point ?? 0))
  const at = (point: number, index: number) => {
    const x = (index / Math.max(1, points.length - 1)) * width
    return `${x.toFixed(2)} ${(height - 1 - (point / top) * (height - 2)).toFixed(2)}`
  }
  const path = points
    .map((point, index) =>
      point === null ? '' : `${(points[index - 1] ?? null) === null ? 'M' : 'L'}${at(point, index)}`,
    )
    .join('')
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      className={clsx('block h-6 w-full text-accent-border', className)}
    >
      <path d={path} fill="none" stroke="currentColor" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
    </svg>
  )
}
