'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { readJson } from '@/components/live/read-json'
import type { ShownChoices } from '@/components/stores/use-store-choices'
import type { RuntimeVault, RuntimeVaults } from '@/lib/linked-services/queries'
import { paths } from '@/lib/paths'

/** As many as one sees at a glance. */
const fewVaults = 12

/** The runtimes to choose from: what the page brought, and of more than that what a filter finds. */
export function useVaultChoices(factory: string, first: RuntimeVaults): ShownChoices<RuntimeVault> {
  const [text, setText] = useState('')
  const q = useDeferredValue(text.trim())
  const isWhole = first.rows.length >= first.total
  const { data, isFetching, isError } = useQuery({
    queryKey: ['vaults', factory, { q }],
    enabled: !isWhole && q !== '',
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => readJson<RuntimeVaults>(paths.vaultsData(factory, { q }), signal),
  })
  const { rows, total } = q === '' ? first : isWhole ? filtered(first.rows, q) : (data ?? first)
  return { text, setText, rows, total, isFetching, isError, isLong: first.total > fewVaults }
}

/** The vault of the runtime of this name, while it is looked at; undefined where there is no such runtime. */
export function useVault(factory: string, first: RuntimeVaults, name: string): RuntimeVault | undefined {
  const known = vaultNamed(first.rows, name)
  const { data } = useQuery({
    queryKey: ['vaults', factory, { name }],
    enabled: !known && name !== '' && first.rows.length < first.total,
    queryFn: () => readJson<RuntimeVaults>(paths.vaultsData(factory, { name })),
  })
  return known ?? vaultNamed(data?.rows ?? [], name)
}

/** The same as it is now, for sealing. */
export async function findVault(
  factory: string,
  first: RuntimeVaults,
  name: string,
): Promise<RuntimeVault | undefined> {
  const known = vaultNamed(first.rows, name)
  if (known || first.rows.length >= first.total) return known
  return vaultNamed((await readJson<RuntimeVaults>(paths.vaultsData(factory, { name }))).rows, name)
}

function vaultNamed(vaults: readonly RuntimeVault[], runtimeName: string): RuntimeVault | undefined {
  return vaults.find((vault) => vault.runtimeName.toLowerCase() === runtimeName.toLowerCase())
}

function filtered(rows: readonly RuntimeVault[], q: string): RuntimeVaults {
  const fitting = rows.filter(({ runtimeName }) => runtimeName.toLowerCase().includes(q.toLowerCase()))
  return { rows: fitting, total: fitting.length }
}
