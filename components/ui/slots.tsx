import { clsx } from 'clsx'
import { Tooltip } from './tooltip'

type SlotsProps = {
  total: number
  /** The task in each used slot, by name. */
  tasks: readonly { id: string; label: string }[]
}

/** Beyond this many squares only the words remain. */
const mostSquares = 16

/** The slots of a node as small squares, filled where a task runs; hovering one names its task. */
export function Slots({ total, tasks }: SlotsProps) {
  const words = `${tasks.length} of ${total} slots`
  const free = Math.max(0, total - tasks.length)
  return (
    <span className="inline-flex items-center gap-2 whitespace-nowrap">
      {total <= mostSquares ? (
        <span aria-hidden className="relative z-1 inline-flex gap-0.5">
          {tasks.map((task) => (
            <Tooltip key={task.id} content={task.label}>
              <span className={clsx(square, 'border-accent-solid bg-accent-solid')} />
            </Tooltip>
          ))}
          {Array.from({ length: free }, (_, index) => (
            <span key={index} className={clsx(square, 'border-line-strong')} />
          ))}
        </span>
      ) : null}
      <span className="text-fg-muted tabular-nums">{words}</span>
    </span>
  )
}

const square = 'block size-3 rounded-[2px] border'
