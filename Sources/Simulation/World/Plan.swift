import Kernel
import Raft

/// What one seed draws before anything happens: the shape of the cluster and how rough the times are.
struct Plan {
  var nodes: Int
  /// Of these the first are voters at the start; the others wait to be added.
  var spares: Int
  /// The operator changes the group while all else goes on.
  var changesMembership: Bool
  var leaseReads: Bool
  var lowPriority: Bool
  /// Microseconds of one tick, of a clock that does not drift.
  var tick = 10_000
  var electionTicks: Int
  var heartbeatTicks: Int
  var preVote: Bool
  var checkQuorum: Bool
  /// Limits so small that they are reached all the time.
  var tinyLimits: Bool
  var chunkBytes: Int
  /// Entries after which a node makes a snapshot.
  var snapshotEvery: Int
  /// Entries before a snapshot that stay in the log.
  var tail: Int
  /// Frames of one link never overtake each other, as on one connection.
  var ordered: Bool
  /// Microseconds.
  var delay: Int
  var jitter: Int
  /// In a thousand, in quiet times.
  var loss: Int
  var duplicates: Int
  var syncTime: Int
  /// Microseconds that a transaction of an archive takes, at the most.
  var archiveTime: Int
  /// A tick of a node may be so much longer or shorter, in a thousand.
  var drift: Int
  var conversations: Int
  var clientsEach: Int
  /// Microseconds between a client's operations, at the most.
  var clientPause: Int
  /// Microseconds between two faults, on average.
  var faultPause: Int
  /// When the faults end.
  var calmAt: Int

  /// In a thousand: snapshots that the disk of the receiver finds damaged. Drawn by itself, as what follows.
  var damagedArrivals: Int

  // Agents, drawn by themselves.
  /// Milliseconds that an agent who is gone keeps its chats.
  var agentGrace: Int
  /// Customers who wait and say nothing, so that there are lines.
  var visitors: Int

  // Gossip. Drawn by themselves, so that the rest of a seed's plan does not depend on them.
  /// Ticks of a node from one tick of its gossip to the next.
  var gossipEvery: Int
  /// No datagram of gossip is longer: the real limit, or one that is reached all the time.
  var datagramBytes: Int
  /// In a thousand, on top of what every frame has to fear: nobody sends a datagram again.
  var datagramLoss: Int
  /// The owner of a new session is one of two that are drawn; else the customer's node is one of the two.
  var drawsOwners: Bool

  /// Milliseconds that a customer who is gone keeps the place in the line, and any session; 0: for ever. Drawn by themselves.
  var queueGrace: Int
  var openGrace: Int

  /// Milliseconds that a session stays in the state after its end. Drawn by itself.
  var linger: Int

  /// Agents hand sessions on. Drawn by itself, too.
  var handsOn: Bool

  /// The nodes begin with an earlier release, and are upgraded one by one.
  var upgrades: Bool
  /// The highest level that the earlier release reads.
  var firstLevel: Level

  /// Clients confirm what they are told. Drawn by itself, too.
  var receipts: Bool

  /// The cluster begins with empty disks, by the word of an operator; else its disks are of an earlier release.
  var begins: Bool
  /// Somebody says so once more, at the worst of times, and whoever leads helps others into office as well.
  var beginsAgain: Bool

  /// People ask for their own open sessions. Drawn by itself.
  var asksForSessions: Bool
  /// People do whatever is declared. Drawn by itself.
  var performs: Bool
  /// There is a second desk. Drawn by itself.
  var hasDesks: Bool
  /// Conversations are so long that a part of them leaves the state. Drawn by itself.
  var talks: Bool
  /// Somebody erases customers. Drawn by itself.
  var erases: Bool
  /// A supervisor looks at what others say. Drawn by itself.
  var watches: Bool
  /// An admin sets and deletes policies. Drawn by itself.
  var setsPolicies: Bool
  /// Its policies ask agents before they give them anything. Drawn by itself.
  var rings: Bool
  /// An admin sets timers, and agents speak. Drawn by itself.
  var setsTimers: Bool
  /// Agents invite each other, write notes, and supervisors look on. Drawn by itself.
  var hasTeams: Bool
  /// Somebody asks over HTTP, where nobody stays connected. Drawn by itself.
  var calls: Bool
  /// When the clocks of all go ahead by a month, in microseconds: archives keep one month behind the present one. Empty: nothing is
  /// ever dropped. Drawn by itself.
  var leaps: [Int]
  /// Processes end between the halves of a turn's end. Drawn by itself.
  var endsBetweenHalves: Bool

  /// Files of an earlier release that name some of the members only; the rest are found by what others tell. Drawn by itself.
  var namesSome: Bool

  /// Old copies of disks are put back.
  var putsBack: Bool

  init(seed: UInt64) {
    var dice = Dice(seed: seed, stream: 1)
    nodes = [3, 3, 3, 5, 5, 3, 2, 4][dice.below(8)]
    changesMembership = dice.chance(permille: 600)
    spares = changesMembership ? dice.draw(0...2) : 0
    leaseReads = dice.chance(permille: 300)
    lowPriority = dice.chance(permille: 250)
    electionTicks = leaseReads ? dice.draw(10...14) : dice.draw(5...10)
    heartbeatTicks = dice.draw(1...2)
    preVote = dice.chance(permille: 750)
    checkQuorum = leaseReads || dice.chance(permille: 800)
    tinyLimits = dice.chance(permille: 350)
    chunkBytes = [128, 256, 1024, 4096][dice.below(4)]
    snapshotEvery = [10, 20, 40, 80][dice.below(4)]
    tail = [0, 0, 2, 8][dice.below(4)]
    ordered = dice.chance(permille: 400)
    delay = [100, 300, 1_000, 3_000][dice.below(4)]
    jitter = [100, 1_000, 4_000, 15_000][dice.below(4)]
    loss = [0, 0, 2, 20][dice.below(4)]
    duplicates = [0, 5, 30][dice.below(3)]
    syncTime = [100, 500, 2_000, 8_000][dice.below(4)]
    // A lease trusts clocks up to a third apart; ticks are coarse, which takes most of that.
    drift = leaseReads ? [0, 20, 50][dice.below(3)] : [0, 20, 100, 250][dice.below(4)]
    conversations = dice.draw(2...3)
    clientsEach = dice.draw(1...3)
    clientPause = [30_000, 60_000, 150_000][dice.below(3)]
    faultPause = [40_000, 80_000, 160_000][dice.below(3)]
    calmAt = dice.draw(900_000...2_200_000)
    var arrivalDice = Dice(seed: seed, stream: 5)
    damagedArrivals = [0, 150, 300, 600][arrivalDice.below(4)]
    var deskDice = Dice(seed: seed, stream: 8)
    agentGrace = [40, 150, 500][deskDice.below(3)]
    visitors = deskDice.draw(2...5)
    var gossipDice = Dice(seed: seed, stream: 3)
    gossipEvery = [1, 2, 4][gossipDice.below(3)]
    datagramBytes = [1_400, 256][gossipDice.below(2)]
    datagramLoss = [0, 10, 100][gossipDice.below(3)]
    drawsOwners = gossipDice.chance(permille: 500)
    var agentDice = Dice(seed: seed, stream: 8)
    handsOn = agentDice.chance(permille: 250)
    var releaseDice = Dice(seed: seed, stream: 9)
    upgrades = releaseDice.chance(permille: 300)
    firstLevel = [Level.first, .second][releaseDice.below(2)]
    if firstLevel == .second, releaseDice.chance(permille: 400) { firstLevel = .third }
    var receiptDice = Dice(seed: seed, stream: 11)
    receipts = receiptDice.chance(permille: 250)
    var absenceDice = Dice(seed: seed, stream: 14)
    queueGrace = [0, 0, 0, 60, 200, 400][absenceDice.below(6)]
    openGrace = queueGrace > 0 ? [0, 300, 900][absenceDice.below(3)] : 0
    var beginDice = Dice(seed: seed, stream: 12)
    begins = beginDice.chance(permille: 500)
    beginsAgain = begins && !leaseReads && beginDice.chance(permille: 500)
    if beginsAgain { checkQuorum = false }
    var askDice = Dice(seed: seed, stream: 16)
    asksForSessions = askDice.chance(permille: 300)
    var performDice = Dice(seed: seed, stream: 22)
    performs = performDice.chance(permille: 250)
    var secondDice = Dice(seed: seed, stream: 24)
    hasDesks = secondDice.chance(permille: 150)
    // Until every member has said what it reads, there can be none.
    if hasDesks { calmAt += 2_500_000 }
    var eraseDice = Dice(seed: seed, stream: 30)
    erases = eraseDice.chance(permille: 200)
    if erases, !hasDesks { calmAt += 2_500_000 }
    var leapDice = Dice(seed: seed, stream: 32)
    leaps = []
    if leapDice.chance(permille: 170) {
      if !hasDesks, !erases { calmAt += 2_500_000 }
      for part in [30, 50, 70, 90] { leaps.append(calmAt / 100 * (part + leapDice.below(15))) }
    }
    var talkDice = Dice(seed: seed, stream: 34)
    // Tests look for mistakes in the first seeds, where the code is not optimized: long conversations take minutes there.
    talks = seed >= 1_000 && talkDice.chance(permille: 60)
    if talks {
      if !hasDesks && !erases && leaps.isEmpty { calmAt += 2_500_000 }
      // Hundreds of messages need quick disks and networks.
      (clientPause, delay, jitter, syncTime, clientsEach) = (1_000, 100, 100, 100, 3)
    }
    var auditDice = Dice(seed: seed, stream: 36)
    watches = auditDice.chance(permille: 120)
    if watches, !hasDesks, !erases, leaps.isEmpty, !talks { calmAt += 2_500_000 }
    var policyDice = Dice(seed: seed, stream: 40)
    setsPolicies = policyDice.chance(permille: 120)
    if setsPolicies, !hasDesks, !erases, leaps.isEmpty, !talks, !watches { calmAt += 2_500_000 }
    var timerDice = Dice(seed: seed, stream: 46)
    // Windows of mistakes begin below that.
    setsTimers = seed >= 20_000 && timerDice.chance(permille: 150)
    if setsTimers, !hasDesks, !erases, leaps.isEmpty, !talks, !watches, !setsPolicies { calmAt += 2_500_000 }
    var teamDice = Dice(seed: seed, stream: 44)
    // See above.
    hasTeams = seed >= 20_000 && !talks && teamDice.chance(permille: 150)
    if hasTeams, !hasDesks, !erases, leaps.isEmpty, !watches, !setsPolicies, !setsTimers { calmAt += 2_500_000 }
    var ringDice = Dice(seed: seed, stream: 50)
    rings = (40_000..<1_000_000).contains(seed) && setsPolicies && ringDice.chance(permille: 700)
    var callDice = Dice(seed: seed, stream: 48)
    // See above; those windows begin below this.
    calls = seed >= 30_000 && queueGrace > 0 && callDice.chance(permille: 300)
    var halfDice = Dice(seed: seed, stream: 18)
    endsBetweenHalves = halfDice.chance(permille: 250)
    var archiveDice = Dice(seed: seed, stream: 27)
    archiveTime = [500, 5_000, 50_000, 300_000][archiveDice.below(4)]
    // There is much to be filled in then, three rows at a time.
    if talks { archiveTime = min(archiveTime, 5_000) }
    var lingerDice = Dice(seed: seed, stream: 28)
    linger = [100, 300, 1_000, 600_000][lingerDice.below(4)]
    if firstLevel == .third, lingerDice.chance(permille: 500) { firstLevel = .fifth }
    var fileDice = Dice(seed: seed, stream: 20)
    namesSome = !begins && nodes >= 3 && fileDice.chance(permille: 100)
    var copyDice = Dice(seed: seed, stream: 15)
    putsBack = nodes >= 3 && !beginsAgain && copyDice.chance(permille: 150)
  }

  var electionTime: Int { electionTicks * tick }

  /// Gossip's clock runs faster than the cluster's, in tenths: a tick of gossip is 100 ms to it, and the faults of two
  /// seconds are its suspicions, deaths and returns.
  var gossipPace: Int { 100 / gossipEvery }
}
