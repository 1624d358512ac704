/** The first bytes of a header of version 2 (proxy-protocol.txt, section 2.2). */
export const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
