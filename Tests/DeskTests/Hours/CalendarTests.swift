import Kernel
import Testing

@testable import Desk

@Suite("Calendars of a desk")
struct CalendarTests {
  private static let root = Person(id: "root", role: .admin, name: "Root")
  private var desk = Desk()

  init() { desk.raise(.ninth) }

  private mutating func arrange<One: DeskOperation>(
    _ operation: One, _ id: String, by person: Person = root
  ) -> Answer? {
    desk.apply(.arrange(DeskEnvelope(DeskRecord(operation, id: id), by: person, in: .main, presence: nil)))
      .answer
  }

  private static func read(_ text: String) throws -> SetCalendar {
    try Array(text.utf8).withUnsafeBytes { bytes throws in try SetCalendar.fields.read(bytes) }
  }

  private static let office = #"""
    {"calendar": "office", "zone": "UTC", "week": [[["09:00","12:00"],["13:30","18:00"]],[],[],[],[["21:00","26:00"]],[],[]],
     "days": {"2027-02-20": [["09:00","17:00"]], "2027-01-01": []}}
    """#

  @Test("are set, replaced and deleted, by their version if it is said, and come back from a snapshot")
  mutating func changes() throws {
    let office = try Self.read(Self.office)
    #expect(office.hours.days.map(\.spans.count) == [0, 1], "by date")
    #expect(arrange(office, "1") == .done && desk.state.main.calendars["office"]?.version == 1)
    var other = office
    (other.hours.days, other.expecting) = ([], 7)
    #expect(arrange(other, "2") == .refused(.calendarChanged))
    other.expecting = 1
    #expect(arrange(other, "3") == .done && desk.state.main.calendars["office"]?.version == 2)
    other.expecting = 0
    #expect(arrange(other, "4") == .refused(.calendarChanged))
    let before = desk.state.main.calendars
    desk.state = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    #expect(desk.state.main.calendars == before && before.list[0].hours.days.isEmpty)
    #expect(arrange(DeleteCalendar(calendar: "office"), "5") == .done && desk.state.main.calendars.count == 0)
    #expect(arrange(DeleteCalendar(calendar: "office"), "6") == .done)
    for number in 0..<SetCalendar.most {
      var one = office
      one.calendar = "c\(number)"
      #expect(arrange(one, "c\(number)") == .done)
    }
    #expect(arrange(office, "7") == .refused(.tooManyCalendars))
  }

  @Test("below level 9 there are none")
  mutating func level() throws {
    desk = Desk()
    desk.raise(.eighth)
    #expect(arrange(try Self.read(Self.office), "1") == .refused(.forbidden))
  }

  @Test(
    "what is wrong in one is said by its name",
    arguments: [
      (#"{"calendar":"a","zone":"UTC","week":[[],[],[],[],[],[]]}"#, "seven days"),
      (#"{"calendar":"a","zone":"UTC","week":[[["09:00","08:00"]],[],[],[],[],[],[]]}"#, "pair of times"),
      (#"{"calendar":"a","zone":"UTC","week":[[["09:00","48:01"]],[],[],[],[],[],[]]}"#, "pair of times"),
      (
        #"{"calendar":"a","zone":"UTC","week":[[["09:00","10:00"],["09:30","11:00"]],[],[],[],[],[],[]]}"#,
        "overlap"
      ),
      (#"{"calendar":"a","zone":"UTC","week":[[],[],[],[],[],[],[]],"days":{"2027-02-30":[]}}"#, "date like"),
      (
        #"{"calendar":"a","zone":"UTC","week":[[],[],[],[],[],[],[]],"days":{"2027-02-20":[["9","10"]]}}"#,
        "days.2027-02-20"
      ),
      (
        #"{"calendar":"a","zone":"UTC","week":[[],[],[],[],[],[],[]],"zone_data":"x"}"#, "filled in by the node"
      ),
    ])
  func faults(_ text: String, _ words: String) {
    do {
      _ = try Self.read(text)
      Issue.record("it was taken")
    } catch { #expect("\(error)".contains(words), "\(error)") }
  }

  @Test("the node that is asked fills in the zone, and refuses one that it does not know")
  func zones() throws {
    var set = try Self.read(Self.office)
    var entitlement = Entitlement(
      priority: nil, skills: nil, capacity: nil, choices: ClientChoices(), isOfCluster: true)
    let asker = Asker(requestID: "1", role: .admin, entitlement: entitlement, bodyBytes: 0)
    guard case .arrange(let record, _) = try set.request(by: asker) else { return #expect(Bool(false)) }
    #expect(record.opened(as: SetCalendar.self)?.hours.table == NoZones().table(of: "UTC"))
    set.hours.zone = "Mars/Base"
    entitlement.choices = ClientChoices()
    #expect(throws: Failure.self) { try set.request(by: asker) }
  }
}
