'use client'

import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { Select } from '@/components/ui/select'
import { withQuery } from '@/lib/paths'

/** Narrows the log to one factory; kept in the address. */
export function FactoryFilter({ factories }: { factories: { id: string; name: string }[] }) {
  const router = useRouter()
  const pathname = usePathname()
  const search = useSearchParams()

  function choose(factory: string) {
    const query = { ...Object.fromEntries(search), factory, before: null }
    router.replace(withQuery(pathname, query), { scroll: false })
  }

  return (
    <Select
      aria-label="Factory"
      className="w-52!"
      value={search.get('factory') ?? ''}
      onChange={(event) => choose(event.target.value)}
      options={[
        { value: '', label: 'All factories' },
        ...factories.map(({ id, name }) => ({ value: id, label: name })),
      ]}
    />
  )
}
