import { ChevronRight } from 'lucide-react'
import type { ViewedStore } from '@/components/stores/items'

type PathTrailProps = {
  store: ViewedStore
  path: readonly string[]
  onPathChange: (path: string[]) => void
}

/** Where one is in a store, and the way back up. */
export function PathTrail({ store, path, onPathChange }: PathTrailProps) {
  return (
    <nav aria-label={`Place in ${store.name}`} className="min-w-0 flex-auto px-2">
      <ol className="flex flex-wrap items-center gap-x-1 text-sm">
        {[store.name, ...path].map((name, depth) => {
          const isHere = depth === path.length
          return (
            // oxlint-disable-next-line react/no-array-index-key -- a place is its depth in the path
            <li key={depth} className="flex min-w-0 items-center gap-1">
              {depth > 0 ? <ChevronRight aria-hidden className="size-3.5 shrink-0 text-fg-faint" /> : null}
              {isHere ? (
                <span aria-current="location" className="font-medium wrap-anywhere">
                  {name}
                </span>
              ) : (
                <button
                  type="button"
                  className="rounded-sm text-accent-text wrap-anywhere hover:underline"
                  onClick={() => onPathChange(path.slice(0, depth))}
                >
                  {name}
                </button>
              )}
            </li>
          )
        })}
      </ol>
    </nav>
  )
}
