'use client'

import { Ellipsis } from 'lucide-react'
import { iconButtonClass } from '@/components/ui/icon-button'
import { Menu, type MenuItem } from '@/components/ui/menu'

type RowActionsProps = {
  /** The row's thing: "plant-7". */
  name: string
  groups: readonly (readonly MenuItem[])[]
}

/** The menu at the end of a row. */
export function RowActions({ name, groups }: RowActionsProps) {
  return (
    <Menu
      groups={groups}
      trigger={
        <button
          type="button"
          aria-label={`Actions for ${name}`}
          className={iconButtonClass({ variant: 'ghost', size: 'sm' })}
        >
          <Ellipsis aria-hidden />
        </button>
      }
    />
  )
}
