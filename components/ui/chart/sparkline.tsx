import { clsx } from 'clsx'
import { Tooltip } from '../tooltip'

type SparklineProps = {
  /** What each bar is, for a screen reader and on hover: "Rows copied per hour, 1,200 at most". */
  label: string
  /** One bar each, the newest last. */
  values: readonly number[]
  tone?: 'accent' | 'bad'
}

const [barWidth, step, height] = [3, 4, 20]

/** The course of one number, without axes. Nothing is a thin line, so that it is not taken for missing. */
export function Sparkline({ label, values, tone = 'accent' }: SparklineProps) {
  const most = Math.max(...values, 0)
  return (
    <Tooltip content={label} className="relative z-1 w-full">
      <svg
        role="img"
        aria-label={label}
        viewBox={`0 0 ${values.length * step - 1} ${height}`}
        preserveAspectRatio="none"
        className="block h-5 w-full max-w-60"
      >
        {values.map((value, index) => {
          const size = value > 0 ? Math.max(2, (value / most) * height) : 1
          return (
            <rect
              // oxlint-disable-next-line react/no-array-index-key -- a bar is its place
              key={index}
              x={index * step}
              y={height - size}
              width={barWidth}
              height={size}
              className={clsx(value > 0 ? fills[tone] : 'fill-neutral-6')}
            />
          )
        })}
      </svg>
    </Tooltip>
  )
}

const fills = { accent: 'fill-accent-border', bad: 'fill-bad-border' }
