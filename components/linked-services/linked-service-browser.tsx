'use client'

import { ArrowRightLeft } from 'lucide-react'
import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { useState } from 'react'
import { ItemView } from '@/components/stores/item-view'
import { itemRef, type BrowsedItem, type ViewedStore } from '@/components/stores/items'
import { StoreBrowser } from '@/components/stores/store-browser'
import { ButtonLink } from '@/components/ui/button'
import { Callout } from '@/components/ui/callout'
import { Sheet } from '@/components/ui/dialog'
import { Panel } from '@/components/ui/panel'
import { paths, withQuery } from '@/lib/paths'

type LinkedServiceBrowserProps = {
  factory: string
  store: ViewedStore
  /** Why this person may not browse or see rows; null where they may. */
  refusals: { browse: string | null; preview: string | null }
}

/** What lies in a store, live from a node. The place stands in the address, so that it can be shared and gone back to. */
export function LinkedServiceBrowser({ factory, store, refusals }: LinkedServiceBrowserProps) {
  const router = useRouter()
  const pathname = usePathname()
  const path = readPlace(useSearchParams().get('at'))
  const [opened, setOpened] = useState<BrowsedItem | null>(null)

  if (refusals.browse)
    return <Callout>You may not look into this store: {refusals.browse.toLowerCase()}.</Callout>
  return (
    <Panel flush>
      <StoreBrowser
        store={store}
        path={path}
        onPathChange={(next) => router.push(withQuery(pathname, { at: writePlace(next) }), { scroll: false })}
        onOpen={setOpened}
        current={opened?.name}
      />
      <OpenedItem
        factory={factory}
        store={store}
        path={path}
        item={opened}
        onClose={() => setOpened(null)}
        previewRefusal={refusals.preview}
      />
    </Panel>
  )
}

type OpenedItemProps = {
  factory: string
  store: ViewedStore
  path: readonly string[]
  item: BrowsedItem | null
  onClose: () => void
  previewRefusal: string | null
}

function OpenedItem({ factory, store, path, item, onClose, previewRefusal }: OpenedItemProps) {
  const ref = item ? itemRef(store.type, path, item) : null
  const name = [...path, item?.name].join(store.type === 'PostgreSql' ? '.' : '/')
  const table = ref?.kind === 'table' ? { schema: ref.schema, table: ref.table } : {}
  return (
    <Sheet
      open={item !== null}
      onOpenChange={onClose}
      size="lg"
      title={name}
      description={item ? `A ${item.kind} of ${store.name}` : null}
      footer={
        <ButtonLink
          variant="primary"
          icon={<ArrowRightLeft aria-hidden />}
          href={paths.copyWizard(factory, { linkedService: store.name, ...table })}
        >
          Copy data from {ref?.kind === 'table' ? 'this table' : 'this store'}
        </ButtonLink>
      }
    >
      {ref ? (
        <ItemView store={store} item={ref} name={name} previewRefusal={previewRefusal} />
      ) : (
        <p className="text-fg-muted">
          It is none of the formats that hold rows (Parquet, CSV, JSON lines). It can be copied as it is.
        </p>
      )}
    </Sheet>
  )
}

/** Names may hold slashes, so each is encoded by itself. */
function writePlace(path: readonly string[]): string {
  return path.map(encodeURIComponent).join('/')
}

function readPlace(at: string | null): string[] {
  if (!at) return []
  try {
    return at.split('/').map(decodeURIComponent)
  } catch {
    return []
  }
}
