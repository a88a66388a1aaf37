/** What a person may choose; `system` follows the device. */
export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** The server reads this cookie and puts the class on <html>, so that no page flashes in the other theme. */
export const themeCookie = 'sallyport_theme'

/** The theme in a cookie's value; anything unknown is the system's. */
export function themeFromCookie(value: string | undefined): Theme {
  return themes.find((theme) => theme === value) ?? 'system'
}
