import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

type Theme = 'light' | 'dark'
type Color = [lightness: number, chroma: number, hue: number]

const css = readFileSync(new URL('../../app/globals.css', import.meta.url), 'utf8')
const tokens = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\(oklch\(([\d. ]+)\), oklch\(([\d. ]+)\)\);/g)].map(
    ([, name, light, dark]) => [name, { light: toColor(light), dark: toColor(dark) }],
  ),
)
const signals = ['ok', 'warn', 'bad', 'info', 'accent']
const grounds = ['neutral-1', 'neutral-2', 'raised']

describe.each<Theme>(['light', 'dark'])('tokens of the %s theme', (theme) => {
  const ratio = (front: string, back: string) => contrast(luminance(front, theme), luminance(back, theme))

  it.each(['neutral-10', 'neutral-11', 'neutral-12'])('let %s be read on every ground', (text) => {
    for (const ground of [...grounds, 'neutral-3'])
      expect(ratio(text, ground), ground).toBeGreaterThanOrEqual(4.5)
  })

  it.each(['neutral-11', 'neutral-12'])('let %s be read where the pointer is', (text) => {
    expect(ratio(text, 'neutral-4')).toBeGreaterThanOrEqual(4.5)
  })

  it.each(signals)('let the words of %s be read on every ground and on its own fill', (signal) => {
    for (const ground of [...grounds, 'neutral-3', `${signal}-fill`]) {
      expect(ratio(`${signal}-text`, ground), ground).toBeGreaterThanOrEqual(4.5)
    }
  })

  it.each(signals)('let the border of %s be seen, and text be read on its fill', (signal) => {
    for (const ground of grounds)
      expect(ratio(`${signal}-border`, ground), ground).toBeGreaterThanOrEqual(4.5)
    expect(ratio('neutral-12', `${signal}-fill`)).toBeGreaterThanOrEqual(4.5)
  })

  it.each(['accent', 'bad'])('let the words on a solid %s be read, also under the pointer', (signal) => {
    expect(ratio(`${signal}-on`, `${signal}-solid`)).toBeGreaterThanOrEqual(4.5)
    expect(ratio(`${signal}-on`, `${signal}-solid-hover`)).toBeGreaterThanOrEqual(4.5)
  })

  it('let controls and lines of charts be seen (WCAG 1.4.11)', () => {
    for (const ground of grounds) {
      expect(ratio('neutral-8', ground), ground).toBeGreaterThanOrEqual(3)
      for (let hue = 1; hue <= 8; hue += 1) expect(ratio(`series-${hue}`, ground)).toBeGreaterThanOrEqual(3)
    }
  })
})

function toColor(text = ''): Color {
  const [lightness = 0, chroma = 0, hue = 0] = text.split(' ').map(Number)
  return [lightness, chroma, hue]
}

function contrast(a: number, b: number): number {
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

/** WCAG's relative luminance of an OKLCH colour, by the matrices of the CSS Color 4 specification; clipped to sRGB. */
function luminance(name: string, theme: Theme): number {
  const token = tokens.get(name)
  if (!token) throw new Error(`globals.css has no --${name}`)
  const [lightness, chroma, hue] = token[theme]
  const a = chroma * Math.cos((hue * Math.PI) / 180)
  const b = chroma * Math.sin((hue * Math.PI) / 180)
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  const red = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s
  const green = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s
  const blue = -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s
  const [r = 0, g = 0, v = 0] = [red, green, blue].map((channel) => Math.min(1, Math.max(0, channel)))
  return 0.2126 * r + 0.7152 * g + 0.0722 * v
}
