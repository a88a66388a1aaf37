/** The texts of all elements of a name: enough for the storage service's flat answers, which have no name inside itself. */
export function elements(xml: string, name: string): string[] {
  const found: string[] = []
  const pattern = new RegExp(`<${name}(\\s[^>]*)?(?:/>|>([^]*?)</${name}>)`, 'g')
  for (const [, , text = ''] of xml.matchAll(pattern)) found.push(text)
  return found
}

export function element(xml: string, name: string): string | undefined {
  return elements(xml, name)[0]
}

/** Text content; a name with characters that XML cannot hold comes percent-encoded. */
export function nameElement(xml: string): string {
  const match = /<Name(\s+Encoded="true")?>([^]*?)<\/Name>/.exec(xml)
  const text = unescapeXml(match?.[2] ?? '')
  return match?.[1] ? decodeURIComponent(text) : text
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

export function unescapeXml(text: string): string {
  return text.replace(/&(#x?[0-9a-f]+|\w+);/gi, (whole, entity: string) => {
    if (!entity.startsWith('#')) return entities[entity] ?? whole
    const isHex = entity[1] === 'x' || entity[1] === 'X'
    return String.fromCodePoint(Number.parseInt(entity.slice(isHex ? 2 : 1), isHex ? 16 : 10))
  })
}
