'use client'

import { Plus } from 'lucide-react'
import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { lazy } from 'react'
import { OnOpen } from '@/components/form/on-open'
import { Button } from '@/components/ui/button'
import type { RuntimeVaults } from '@/lib/linked-services/queries'
import { withQuery } from '@/lib/paths'

/** Fetched when first opened: sealing and checking are heavy. */
const LinkedServiceSheet = lazy(async () => ({
  default: (await import('@/components/linked-services/linked-service-sheet')).LinkedServiceSheet,
}))

type CreateLinkedServiceButtonProps = {
  factory: { id: string; name: string }
  vaults: RuntimeVaults
  disabledReason: string | null
}

/** Opens the form; so does the address with `new`, which other pages link to. */
export function CreateLinkedServiceButton({
  factory,
  vaults,
  disabledReason,
}: CreateLinkedServiceButtonProps) {
  const router = useRouter()
  const pathname = usePathname()
  const search = useSearchParams()

  function setOpen(next: boolean) {
    const query = { ...Object.fromEntries(search), new: next ? 1 : null }
    router.replace(withQuery(pathname, query), { scroll: false })
  }

  return (
    <>
      <Button
        variant="primary"
        icon={<Plus aria-hidden />}
        disabledReason={disabledReason}
        onClick={() => setOpen(true)}
      >
        Create linked service
      </Button>
      <OnOpen open={search.has('new') && !disabledReason}>
        <LinkedServiceSheet
          open={search.has('new') && !disabledReason}
          onOpenChange={setOpen}
          factory={factory}
          vaults={vaults}
          before={null}
        />
      </OnOpen>
    </>
  )
}
