'use client'

import { Plus } from 'lucide-react'
import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { Button } from '@/components/ui/button'
import { withQuery } from '@/lib/paths'
import { CreateFactorySheet } from './factory-sheets'

/** Opens the sheet; so does the address with `new`, which other pages link to. */
export function CreateFactoryButton({ disabledReason }: { disabledReason: string | null }) {
  const router = useRouter()
  const pathname = usePathname()
  const search = useSearchParams()
  const open = search.has('new') && !disabledReason

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
        Create factory
      </Button>
      <CreateFactorySheet open={open} onOpenChange={setOpen} />
    </>
  )
}
