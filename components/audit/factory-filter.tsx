'use client'

import { useSearchParams } from 'next/navigation'
import { useAddress } from '@/components/table/use-address'
import { Select } from '@/components/ui/select'

/** Narrows the log to one factory; kept in the address. */
export function FactoryFilter({ factories }: { factories: { id: string; name: string }[] }) {
  const search = useSearchParams()
  const { change } = useAddress()
  return (
    <Select
      aria-label="Factory"
      className="w-52!"
      value={search.get('factory') ?? ''}
      onChange={(event) => change({ factory: event.target.value || null })}
      options={[
        { value: '', label: 'All factories' },
        ...factories.map(({ id, name }) => ({ value: id, label: name })),
      ]}
    />
  )
}
