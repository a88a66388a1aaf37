'use client'

import { Menu as Base } from '@base-ui/react/menu'
import { clsx } from 'clsx'
import { Check } from 'lucide-react'
import Link from 'next/link'
import type { MenuItem, MenuProps } from './menu'

/** A Menu from its first opening on. */
export function MenuOpened({ trigger, groups, align = 'end', header }: MenuProps) {
  const shown = groups.filter((group) => group.length > 0)
  return (
    <Base.Root defaultOpen>
      <Base.Trigger render={trigger} />
      <Base.Portal render={<section aria-label="Menu" />}>
        <Base.Positioner align={align} sideOffset={4} collisionPadding={8} className="z-40">
          <Base.Popup className="floating min-w-44 max-w-80 py-1">
            {header ? <div className="border-b px-3 pt-1 pb-2">{header}</div> : null}
            {shown.map((group, index) => (
              <Base.Group key={group[0]?.label} className={clsx('py-1', index > 0 && 'border-t')}>
                {group.map((item) => (
                  <Item key={item.label} {...item} />
                ))}
              </Base.Group>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

function Item(item: MenuItem) {
  const { label, icon, note, tone, disabled } = item
  const className = clsx(
    'mx-1 flex items-start gap-2.5 rounded-sm px-2 py-1.5 text-sm outline-none select-none pointer-coarse:py-2.5',
    'data-disabled:text-fg-faint data-highlighted:bg-neutral-4 [&>svg]:mt-0.5 [&>svg]:size-4 [&>svg]:shrink-0',
    tone === 'danger' && !disabled && 'text-bad-text',
  )
  const content = (
    <>
      {icon}
      <span className="min-w-0">
        {label}
        {note ? <span className="block text-xs text-fg-muted">{note}</span> : null}
      </span>
    </>
  )
  if ('href' in item && !disabled) {
    return (
      <Base.LinkItem closeOnClick className={className} render={<Link href={item.href} />}>
        {content}
      </Base.LinkItem>
    )
  }
  if (item.checked !== undefined) {
    return (
      <Base.CheckboxItem
        checked={item.checked}
        closeOnClick
        className={className}
        onClick={'onSelect' in item ? item.onSelect : undefined}
      >
        {content}
        <Base.CheckboxItemIndicator className="ml-auto">
          <Check aria-hidden className="mt-0.5 size-4" />
        </Base.CheckboxItemIndicator>
      </Base.CheckboxItem>
    )
  }
  return (
    <Base.Item
      disabled={disabled ?? false}
      className={className}
      onClick={'onSelect' in item ? item.onSelect : undefined}
    >
      {content}
    </Base.Item>
  )
}
