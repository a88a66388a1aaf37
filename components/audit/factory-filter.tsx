'use client'

import { useSearchParams } from 'next/navigation'
import { FilterBox } from '@/components/table/filter-box'
import { useAddress } from '@/components/table/use-address'
import { Select } from '@/components/ui/select'

type FactoryFilterProps = { factories: { id: string; name: string }[]; total: number }

/** Narrows the log to one factory; kept in the address. */
export function FactoryFilter({ factories, total }: FactoryFilterProps) {
  const search = useSearchParams()
  const { change } = useAddress()
  // Too many to choose from.
  if (factories.length < total)
    return <FilterBox label="Filter by factory" param="inFactory" placeholder="Filter by factory’s name" />
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
