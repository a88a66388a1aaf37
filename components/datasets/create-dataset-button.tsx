'use client'

import { Plus } from 'lucide-react'
import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { lazy } from 'react'
import { OnOpen } from '@/components/form/on-open'
import { Button } from '@/components/ui/button'
import type { StoreChoices } from '@/lib/linked-services/queries'
import { withQuery } from '@/lib/paths'

/** Fetched when first opened: checking and browsing are heavy. */
const DatasetSheet = lazy(async () => ({
  default: (await import('@/components/datasets/dataset-sheet')).DatasetSheet,
}))

type CreateDatasetButtonProps = {
  factory: { id: string; name: string }
  stores: StoreChoices
  /** Why this person may not; null where they may. */
  refusals: { write: string | null; browse: string | null }
}

/** Opens the form; so does the address with `new`. */
export function CreateDatasetButton({ factory, stores, refusals }: CreateDatasetButtonProps) {
  const router = useRouter()
  const pathname = usePathname()
  const search = useSearchParams()
  const noStore = stores.total === 0 ? 'It names something in a linked service: create one first' : null
  const disabledReason = refusals.write ?? noStore
  const open = search.has('new') && !disabledReason

  function setOpen(next: boolean) {
    const query = { ...Object.fromEntries(search), new: next ? 1 : null }
    router.replace(withQuery(pathname, query), { scroll: false })
  }

  return (
    <>
      <Button icon={<Plus aria-hidden />} disabledReason={disabledReason} onClick={() => setOpen(true)}>
        Create dataset
      </Button>
      <OnOpen open={open}>
        <DatasetSheet
          open={open}
          onOpenChange={setOpen}
          factory={factory}
          stores={stores}
          browseRefusal={refusals.browse}
        />
      </OnOpen>
    </>
  )
}
