'use client'

import { lazy, Suspense, type ReactNode } from 'react'
import { OnPress, type Trigger } from './on-press'

export type MenuItem = {
  label: string
  icon?: ReactNode
  tone?: 'danger' | undefined
  /** Shown below the label; says why when the item cannot be used. */
  note?: string | undefined
  disabled?: boolean | undefined
  /** For one of several settings: the one in force bears a tick. */
  checked?: boolean | undefined
} & ({ href: string } | { onSelect: () => void })

export type MenuProps = {
  /** The button that opens it. */
  trigger: Trigger
  /** Groups of items, divided by hairlines. */
  groups: readonly (readonly MenuItem[])[]
  align?: 'start' | 'end'
  header?: ReactNode
}

const load = () => import('./menu-opened')
const MenuOpened = lazy(async () => ({ default: (await load()).MenuOpened }))

/** A list of actions behind a button. */
export function Menu(props: MenuProps) {
  return (
    <OnPress trigger={props.trigger} popup="menu" preload={load}>
      {() => (
        <Suspense fallback={props.trigger}>
          <MenuOpened {...props} />
        </Suspense>
      )}
    </OnPress>
  )
}
