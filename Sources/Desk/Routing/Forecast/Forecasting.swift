internal import Kernel

/// What lines learn about waiting, from what becomes of sessions. From level 9 on.
extension DeskState {
  /// A session has come into its line.
  mutating func expect(_ id: SessionID) {
    guard level >= LineForecast.since, let session = session(id) else { return }
    let place = session.queuePlace(at: level)
    let forecast = lineTable.read(TextKey(session.skill)) { line in
      let position = line.count(below: place) + 1
      return SessionRouting.Forecast(
        since: now, expectation: line.forecast.expectation(place: position, slots: line.slots))
    }
    changeSession(id) { session in
      var routing = session.routingOrUsual
      routing.forecast = forecast
      session.routing = routing
    }
  }

  /// A session that waited is given to an agent, in its turn.
  mutating func served(_ id: SessionID, of skill: String) {
    guard level >= LineForecast.since,
      let forecast = sessionTable.read(id, { $0.routing?.forecast }) ?? nil
    else { return }
    let time = now - min(now, forecast.since)
    let mayBegin = learningLines < mostLearningLines
    var hasBegun = false
    changeLine(skill) { line in
      guard line.pace.lastAssignment != nil else { return }
      line.forecast.served(after: time)
      guard let expectation = forecast.expectation, mayBegin || line.forecast.hasLearned else {
        return
      }
      hasBegun = !line.forecast.hasLearned
      line.forecast.learn(waited: time, expectation)
    }
    if hasBegun { learningLines += 1 }
  }

  /// Somebody who waited has given up, or was sent away.
  /// - Parameter session: as it waited, not passed over.
  mutating func gaveUp(_ session: Session) {
    guard level >= LineForecast.since, let forecast = session.routing?.forecast else { return }
    let time = now - min(now, forecast.since)
    changeLine(session.skill) { line in
      // Lines that nobody serves must not be kept for those who were there.
      if line.pace.lastAssignment != nil { line.forecast.quit(after: time) }
    }
    changeSession(session.id) { session in
      guard var routing = session.routing else { return }
      routing.forecast = nil
      session.routing = routing
    }
  }

  /// An agent's chat is over, or was handed on.
  /// - Parameter session: as it was served.
  mutating func handled(_ session: Session) {
    guard level >= LineForecast.since, let routing = session.routing, routing.givenAt > 0 else { return }
    // What comes behind it keeps the next one waiting as well.
    let time = now - min(now, routing.givenAt) + wrapUpTime(behind: session)
    changeLine(session.skill) { line in
      if line.pace.lastAssignment != nil { line.forecast.handled(in: time) }
    }
  }
}
