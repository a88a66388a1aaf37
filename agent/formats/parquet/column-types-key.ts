/** Key of the file's metadata under which the encoder keeps the types that the tuples had, as JSON pairs of name and type. */
export const columnTypesKey = 'sallyport.columns'
