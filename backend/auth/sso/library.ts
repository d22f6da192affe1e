/** What speaks SAML. It takes 8 MB, and most installations have no connection: it is loaded when it is first needed. */
export const samlLibrary = () => import('@node-saml/node-saml')

/** What reads its XML. */
export const xmlLibrary = () => import('@node-saml/node-saml/lib/xml.js')
