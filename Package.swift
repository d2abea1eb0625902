// swift-tools-version: 6.2
import PackageDescription

/// Every target of the package is built under the same rules.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

func target(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: dependencies, resources: resources, swiftSettings: strict)
}

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket = Target.Dependency.product(name: "NIOWebSocket", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

let package = Package(
  name: "switchboard",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "switchboard", targets: ["switchboard"]),
    .executable(name: "simulate", targets: ["simulate"]),
    .library(name: "SwitchboardClient", targets: ["SwitchboardClient"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
    .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.0"),
    .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.0"),
    .package(url: "https://github.com/apple/swift-certificates.git", from: "1.19.0"),
    .package(url: "https://github.com/apple/swift-asn1.git", from: "1.3.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // Pure: the standard library alone, no clock, no randomness, no input or output.
    target("Kernel"),
    target("Raft"),
    target("Gossip"),
    target("Desk", ["Kernel"]),
    target("Protocol", ["Kernel", "Desk", "Raft"]),
    target("Node", ["Kernel", "Raft", "Gossip", "Desk", "Protocol"]),
    // Edges.
    target("Wire", ["Kernel", "Raft", "Desk", "Protocol", nioCore]),
    target("Storage", ["Kernel", "Raft"]),
    // What is over, on disk: a view of the log that can be searched.
    target("Archive", ["Kernel", "Desk", grdb]),
    // The data of a node, copied while it serves, and that of a new cluster made of it.
    target("Backup", ["Kernel", "Raft", "Desk", "Storage", "Archive", crypto]),
    // What TLS needs on both sides, of peers and of clients.
    target("Certificates", [nioCore, nioEmbedded, nioTLS, nioSSL, x509, asn1, crypto]),
    target(
      "Peering",
      [
        "Kernel", "Raft", "Gossip", "Protocol", "Wire", "Certificates", nioCore, nioPosix, nioSSL, crypto,
        logging,
      ]),
    target(
      "Host",
      [
        "Kernel", "Raft", "Gossip", "Desk", "Protocol", "Node", "Wire", "Storage", "Archive", "Peering",
        nioCore,
        nioPosix, logging,
      ]),
    target("Gateway", ["Kernel", "Desk", "Protocol", "Wire", nioCore]),
    target(
      "API",
      [
        "Kernel", "Desk", "Protocol", "Gateway", "Wire", "Certificates", hummingbird, hummingbirdCore, jwtKit,
        nioCore,
        nioPosix, nioHTTP1, nioWebSocket, nioTLS, lifecycle, logging, crypto,
      ]),
    target(
      "Server",
      [
        "Raft", "Desk", "Storage", "Backup", "Peering", "Protocol", "Node", "Host", "Gateway", "API", "Wire",
        "Certificates",
        configuration, lifecycle, unixSignals, nioCore, nioPosix, logging,
      ]),
    // What is typed in a terminal, as a value.
    target("LineEditor"),
    target(
      "SwitchboardClient",
      ["Kernel", "Desk", "Protocol", "Certificates", nioCore, nioPosix, nioHTTP1, nioWebSocket]),
    .executableTarget(
      name: "switchboard",
      dependencies: [
        "API", "Archive", "Backup", "Benchmark", "Certificates", "Desk", "LineEditor", "Protocol", "Server",
        "Storage",
        "SwitchboardClient",
        "Verifier",
        arguments, asyncHTTPClient, logging, nioCore, nioHTTP1,
      ],
      swiftSettings: strict),
    // A real cluster, broken and proved from outside.
    target(
      "Verifier",
      [
        "SwitchboardClient", "Simulation", "Desk", "Protocol", "Certificates", asyncHTTPClient, nioCore,
        nioPosix,
        nioHTTP1, nioSSL,
      ]),
    // A crowd of clients on three nodes, measured.
    target(
      "Benchmark",
      [
        "Kernel", "Desk", "Archive", "Protocol", "Certificates", "Verifier", grdb, nioCore, nioPosix, nioHTTP1,
        nioWebSocket,
      ]),
    // The whole cluster in one thread, from a seed.
    target("Simulation", ["Kernel", "Raft", "Desk", "Gossip", "Protocol", "Node"]),
    .executableTarget(
      name: "simulate", dependencies: ["Simulation", "Raft", "Desk", arguments], swiftSettings: strict),
    // Tests, beside the idea they test.
    tests("Kernel", ["Kernel", crypto]),
    tests("Raft", ["Raft"], resources: [.copy("Scenarios/Transcripts")]),
    tests("Gossip", ["Gossip"]),
    tests("Desk", ["Desk", "Kernel"]),
    tests("Wire", ["Wire", "Kernel", "Protocol", "Raft", "Desk", nioCore]),
    tests("Storage", ["Storage", "Kernel", "Raft"]),
    tests("Archive", ["Archive", "Kernel", "Desk", grdb]),
    tests("Backup", ["Backup", "Archive", "Storage", "Raft", "Desk", "Kernel"]),
    tests(
      "Peering",
      ["Peering", "Protocol", "Raft", "Gossip", "Wire", "TestLog", nioCore, nioPosix, nioSSL, logging]),
    tests("Node", ["Node", "Kernel", "Protocol", "Raft", "Gossip", "Desk"]),
    tests(
      "Host",
      ["Host", "Node", "Kernel", "Protocol", "Raft", "Desk", "Storage", "Peering", nioCore, nioPosix, logging]),
    // Frames as tests write and read them, for the tests of both sides.
    .target(
      name: "TestFrames", dependencies: ["Desk", "Protocol"], path: "Tests/TestFrames", swiftSettings: strict),
    // Keeps what is logged.
    .target(name: "TestLog", dependencies: [logging], path: "Tests/TestLog", swiftSettings: strict),
    // An authority, certificates and the tools of the other side.
    .target(
      name: "TestCertificates", dependencies: ["Certificates"], path: "Tests/TestCertificates",
      swiftSettings: strict),
    tests("Protocol", ["Protocol", "Desk", "Kernel", "TestFrames"]),
    tests("Gateway", ["Gateway", "Protocol", "Desk", "Kernel", "TestFrames", nioCore, nioPosix, nioEmbedded]),
    tests(
      "API",
      [
        "API", "Gateway", "Protocol", "Desk", "Kernel", "Simulation", "Certificates", "TestCertificates",
        "TestLog", jwtKit,
        nioCore,
        nioPosix, nioEmbedded, nioHTTP1,
        lifecycle, logging,
      ]),
    tests("SwitchboardClient", ["SwitchboardClient", "Protocol", nioCore, nioPosix, nioHTTP1, nioWebSocket]),
    tests("LineEditor", ["LineEditor"]),
    tests("CommandLine", ["switchboard", "Protocol", "Desk", "Kernel", arguments]),
    tests("Certificates", ["Certificates", "TestCertificates"]),
    tests(
      "Server",
      [
        "Server", "SwitchboardClient", "Archive", "Desk", "Certificates", "TestCertificates", crypto, grdb,
        logging, nioCore, nioPosix,
      ]),
    tests("Verifier", ["Verifier", "Simulation", "Desk", "Protocol", nioCore, nioPosix]),
    tests("Benchmark", ["Benchmark", nioCore, nioPosix, nioWebSocket]),
    tests("Simulation", ["Simulation", "simulate", "Raft", "Desk"]),
  ]
)
