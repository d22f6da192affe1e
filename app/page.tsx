import { HomeScreen } from './_session/home-screen'

export default function HomePage() {
  return <HomeScreen />
}
