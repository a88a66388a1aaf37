'use client'

import { FolderSearch } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import type { BrowsedItem, ViewedStore } from '@/components/stores/items'
import { ProgressLine } from '@/components/stores/progress-line'
import { Button } from '@/components/ui/button'
import { Sheet } from '@/components/ui/dialog'

const StoreBrowser = lazy(async () => ({
  default: (await import('@/components/stores/store-browser')).StoreBrowser,
}))

export type PickedPlace = { path: readonly string[]; item: BrowsedItem | null }
type PlacePickerProps = {
  store: ViewedStore & { runtimeName: string }
  /** Where the look begins. */
  start: readonly string[]
  /** "Choose a file or folder" */
  title: string
  /** A place itself may be picked, not only something in it. */
  places: boolean
  /** Why this person may not look into the store; null where they may. */
  refusal: string | null
  onPick: (picked: PickedPlace) => void
}

/** Looks into the store for what the fields beside it ask. */
export function PlacePicker({ store, start, title, places, refusal, onPick }: PlacePickerProps) {
  const [path, setPath] = useState<readonly string[] | null>(null)
  const close = () => setPath(null)
  const here = path ?? []

  return (
    <>
      <Button icon={<FolderSearch aria-hidden />} disabledReason={refusal} onClick={() => setPath(start)}>
        Browse
      </Button>
      <Sheet
        open={path !== null}
        onOpenChange={close}
        size="lg"
        title={title}
        description={`Live from a node of ${store.runtimeName}`}
        footer={
          places ? (
            <Button
              variant="primary"
              onClick={() => {
                onPick({ path: here, item: null })
                close()
              }}
            >
              Use {here.at(-1) ?? `the root of ${store.name}`}
            </Button>
          ) : null
        }
      >
        <div className="rounded-lg border bg-panel">
          <Suspense fallback={<ProgressLine>Asking…</ProgressLine>}>
            <StoreBrowser
              store={store}
              path={here}
              onPathChange={setPath}
              onOpen={(item) => {
                onPick({ path: here, item })
                close()
              }}
            />
          </Suspense>
        </div>
      </Sheet>
    </>
  )
}
