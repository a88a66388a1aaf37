'use client'

import { Monitor, Moon, Sun } from 'lucide-react'
import { iconButtonClass } from '@/components/ui/icon-button'
import { Menu } from '@/components/ui/menu'
import { themes, type Theme } from '@/components/ui/theme'
import { useTheme } from '@/components/ui/theme-provider'

const looks = {
  system: { label: 'System', icon: <Monitor aria-hidden /> },
  light: { label: 'Light', icon: <Sun aria-hidden /> },
  dark: { label: 'Dark', icon: <Moon aria-hidden /> },
} satisfies Record<Theme, object>

/** Light, dark, or as the device has it. */
export function ThemeMenu() {
  const { theme, setTheme } = useTheme()
  return (
    <Menu
      groups={[
        themes.map((choice) => ({
          ...looks[choice],
          checked: choice === theme,
          onSelect: () => setTheme(choice),
        })),
      ]}
      trigger={
        <button type="button" aria-label="Theme" className={iconButtonClass({ variant: 'ghost' })}>
          {looks[theme].icon}
        </button>
      }
    />
  )
}
