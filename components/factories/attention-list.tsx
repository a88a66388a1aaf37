import { CircleAlert, CircleX } from 'lucide-react'
import Link from 'next/link'
import { Time } from '@/components/ui/time'
import type { Attention } from '@/lib/factories/attention'
import { paths } from '@/lib/paths'

/** What needs a person, the gravest first, each with what to do. */
export function AttentionList({ factory, items }: { factory: string; items: readonly Attention[] }) {
  return (
    <ul>
      {items.map((item) => (
        <li
          key={item.id}
          className="relative flex items-start gap-3 border-b px-4 py-2.5 text-sm last:border-b-0 hover:bg-hover"
        >
          {item.grave ? (
            <CircleX aria-label="Grave" className="mt-0.5 size-4 shrink-0 text-bad-text" />
          ) : (
            <CircleAlert aria-label="Warning" className="mt-0.5 size-4 shrink-0 text-warn-text" />
          )}
          <div className="min-w-0 flex-1">
            <Link href={hrefOf(factory, item)} className="font-medium after:absolute after:inset-0">
              {item.title}
            </Link>
            <p className="line-clamp-3 wrap-anywhere text-fg-muted">{item.remedy}</p>
          </div>
          {item.since ? (
            <span className="shrink-0 text-fg-muted">
              <Time value={item.since} />
            </span>
          ) : null}
        </li>
      ))}
    </ul>
  )
}

function hrefOf(factory: string, { target }: Attention): string {
  if (target.kind === 'run') return paths.run(factory, target.runId)
  if (target.kind === 'node') return paths.node(factory, target.runtime, target.nodeId)
  if (target.kind === 'linkedService') return paths.linkedService(factory, target.linkedService)
  if (target.kind === 'runtimes') return paths.runtimes(factory)
  return paths.runtime(factory, target.runtime, target.tab)
}
