import OfficeSyncProtocol

/// Counts round trips by what answers what, whatever the timing: each `Hello`, `Open` and `State` belongs to the flight after
/// the one whose answer it builds on; what follows a `State` on its channel goes out with it.
struct Flights {
  private(set) var roundTrips = 0
  /// The flight of the last request, and the one answered last, a channel; nil stands for the session itself.
  private var asked: [Channel?: Int] = [:]
  private var answered: [Channel?: Int] = [:]

  mutating func sent(_ message: Message) {
    switch message {
    case .hello, .open, .state, .compare, .ask, .fetch:
      // A channel that opens later builds on what the session has heard.
      let heard = answered[message.channel] ?? answered[.none] ?? 0
      asked[message.channel] = heard + 1
    case .welcome, .same, .stamps, .begin, .records, .part, .done, .result, .refused, .fail, .fork,
      .again, .sums, .relay:
      break
    }
  }

  mutating func received(on channel: Channel?) {
    guard let flight = asked[channel] else { return }
    answered[channel] = flight
    roundTrips = max(roundTrips, flight)
  }
}
