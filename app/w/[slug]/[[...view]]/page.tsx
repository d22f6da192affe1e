/** Which screen an address shows is decided in the browser (`app/w/_frame/location.ts`), without asking the server. */
export default function WorkspacePage() {
  return null
}
