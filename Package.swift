// swift-tools-version: 6.2
import PackageDescription

// Every folder is a target of its own, so the compiler keeps the arrows of docs/ARCHITECTURE.md:
// Functions -> Shared, Emulator -> Shared, and inside Emulator only downward.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
]

/// Handlers ship as one static, stripped file: no library to install on `provided.al2023`.
let staticExecutable: [LinkerSetting] = [
    .unsafeFlags(
        ["-static-executable", "-Xlinker", "-s"],
        .when(platforms: [.linux], configuration: .release))
]

/// The emulator holds Swift's runtime: calls into it, several hundred for a request, go there directly instead of
/// through a table, and a start loads nine libraries less.
let ownRuntime: [LinkerSetting] = [
    .unsafeFlags(["-static-stdlib"], .when(platforms: [.linux], configuration: .release))
]

func library(
    _ name: String, path: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
    .target(name: name, dependencies: dependencies, path: path, exclude: exclude, swiftSettings: strict)
}

/// Each function is a section of its own: what a program does not call, the linker leaves out.
func cLibrary(
    _ name: String, path: String, _ dependencies: [Target.Dependency] = [], links: [String]
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: path,
        cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror", "-O2", "-ffunction-sections"])],
        linkerSettings: links.map { .linkedLibrary($0) })
}

func tests(
    _ name: String, path: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: path, exclude: exclude, swiftSettings: strict)
}

// MARK: - Shared: what handlers and emulator have in common

let shared: [Target] = [
    library("Bytes", path: "Shared/Bytes"),
    library("Clock", path: "Shared/Clock"),
    library("JSON", path: "Shared/JSON"),
    cLibrary("CDigests", path: "Shared/CDigests", links: ["crypto", "z"]),
    library("Digests", path: "Shared/Digests", ["CDigests"]),
    library("HTTPTypes", path: "Shared/HTTPTypes", ["Bytes"]),
    library("Signing", path: "Shared/Signing", ["Bytes", "Clock", "Digests", "HTTPTypes"]),
    cLibrary("CTLS", path: "Shared/CTLS", links: ["ssl", "crypto"]),
    cLibrary("CSmallTLS", path: "Shared/CSmallTLS", ["CTLS"], links: ["mbedtls", "mbedx509", "mbedcrypto"]),
    library("HTTPClient", path: "Shared/HTTPClient", ["Bytes", "Clock", "CTLS", "HTTPTypes"]),
    library(
        "LambdaEvents", path: "Shared/LambdaEvents", ["Bytes", "HTTPTypes", "JSON"], exclude: ["EventSources"]
    ),
    // Apart from the above, so that a static handler of an HTTP API does not carry the types of all other events.
    library("EventSources", path: "Shared/LambdaEvents/EventSources", ["Bytes", "JSON", "LambdaEvents"]),
    library(
        "LambdaRuntime", path: "Shared/LambdaRuntime",
        ["Bytes", "Clock", "HTTPClient", "HTTPTypes", "JSON", "LambdaEvents"]),
    library(
        "AWSClients", path: "Shared/AWSClients",
        ["Bytes", "Clock", "Digests", "HTTPClient", "HTTPTypes", "JSON", "Signing"]),
    library(
        "ProviderClients", path: "Shared/Providers",
        ["Bytes", "Clock", "HTTPClient", "HTTPTypes", "JSON"]),
    cLibrary("CImages", path: "Shared/CImages", links: ["png", "z", "m"]),
    library("Images", path: "Shared/Images", ["CImages"]),
    library(
        "Mumble", path: "Shared/Mumble",
        [
            "AWSClients", "Bytes", "Clock", "Digests", "HTTPClient", "HTTPTypes", "JSON",
            "LambdaEvents", "LambdaRuntime", "ProviderClients", "Signing",
        ]),
]

// MARK: - Functions: each handler is an executable of its own

/// A line for each handler; `emulator new NAME` adds one. Its sources are in Functions/Name, its tests in
/// Tests/Functions/Name.
let functionNames = [
    "health",
    "audioUpload",
    "speechToText",
    "generateImage",
    "weather",
    "gallery",
    "counter",
]

func folder(of function: String) -> String { function.prefix(1).uppercased() + function.dropFirst() }

let mumbleParts: [Target.Dependency] = [
    "AWSClients", "Bytes", "Clock", "Digests", "HTTPTypes", "JSON", "LambdaEvents", "LambdaRuntime",
    "ProviderClients", "Signing",
]
let everythingAHandlerMayUse = mumbleParts + ["Mumble"]

/// What single handlers need besides, and others need not carry: those of other events than HTTP requests say
/// `"thumbnail": ["EventSources"]`. CSmallTLS gives a handler Mbed TLS instead of OpenSSL: TLS 1.2 is enough for
/// one that shall be small and calls little.
let moreDependencies: [String: [Target.Dependency]] = ["generateImage": ["Images"], "health": ["CSmallTLS"]]

let functions: [Target] = functionNames.map { name in
    .executableTarget(
        name: folder(of: name), dependencies: everythingAHandlerMayUse + moreDependencies[name, default: []],
        path: "Functions/\(folder(of: name))", swiftSettings: strict,
        linkerSettings: staticExecutable)
}

// MARK: - Emulator: top to bottom

let emulator: [Target] = [
    .executableTarget(
        name: "App",
        dependencies: [
            "AWSProtocol", "Bytes", "Clock", "Digests", "Doctor", "EventSources", "Gateway", "HTTPClient",
            "HTTPServer", "HTTPTypes", "JSON", "Lambda", "LambdaEvents", "Net", "Objects", "Packaging",
            "Signing",
            "StackTemplate", "StandIns", "Store", "Tables",
        ],
        path: "Emulator/App", swiftSettings: strict, linkerSettings: ownRuntime),
    .systemLibrary(
        name: "CZip", path: "deploy/CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
    .systemLibrary(
        name: "CDeflate", path: "deploy/CDeflate", pkgConfig: "libdeflate",
        providers: [.apt(["libdeflate-dev"])]),
    library("Packaging", path: "deploy/Packaging", ["Bytes", "CDeflate"]),
    library("Doctor", path: "deploy/Doctor", ["CZip", "Packaging"]),
    library("StackTemplate", path: "deploy/Template", ["Digests", "JSON"]),
    library(
        "Gateway", path: "Emulator/Gateway",
        [
            "AWSProtocol", "Bytes", "CSignature", "Clock", "Digests", "HTTPClient", "HTTPServer", "HTTPTypes",
            "JSON", "Net",
        ],
        exclude: ["Access/CSignature"]),
    cLibrary("CSignature", path: "Emulator/Gateway/Access/CSignature", links: ["crypto"]),
    library(
        "Lambda", path: "Emulator/Lambda",
        [
            "AWSProtocol", "Bytes", "CZip", "Clock", "Digests", "HTTPClient", "HTTPServer", "HTTPTypes",
            "JSON",
            "Net",
            "Signing", "Store",
        ]),
    library(
        "Tables", path: "Emulator/Tables",
        ["AWSProtocol", "Bytes", "Clock", "Digests", "Expressions", "JSON", "PartiQL", "Store"],
        exclude: ["Expressions", "PartiQL"]
    ),
    library("PartiQL", path: "Emulator/Tables/PartiQL", ["Bytes", "Expressions", "JSON"]),
    library("Expressions", path: "Emulator/Tables/Expressions", ["Bytes", "JSON"]),
    library(
        "Objects", path: "Emulator/Objects",
        ["AWSProtocol", "Bytes", "Clock", "Digests", "HTTPTypes", "JSON", "Signing", "Store"]),
    library(
        "StandIns", path: "Emulator/Providers",
        ["Bytes", "Clock", "CZlib", "Digests", "HTTPTypes", "JSON", "Net"], exclude: ["CZlib"]),
    .systemLibrary(
        name: "CZlib", path: "Emulator/Providers/CZlib", pkgConfig: "zlib",
        providers: [.apt(["zlib1g-dev"])]),
    library(
        "AWSProtocol", path: "Emulator/AWSProtocol",
        ["Bytes", "CZlib", "Clock", "Digests", "HTTPTypes", "JSON", "Signing"]),
    library(
        "HTTPServer", path: "Emulator/HTTPServer", ["Bytes", "Clock", "HTTPTypes", "Net"]),
    .executableTarget(
        name: "BareHTTP", dependencies: ["HTTPServer", "HTTPTypes", "Net"], path: "Benchmarks/BareHTTP",
        swiftSettings: strict, linkerSettings: ownRuntime),
    library("Net", path: "Emulator/Net", ["CSpawn", "CUV"], exclude: ["CSpawn", "CUV"]),
    cLibrary("CSpawn", path: "Emulator/Net/CSpawn", links: []),
    .systemLibrary(
        name: "CUV", path: "Emulator/Net/CUV", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"])]),
    // C++: RocksDB's own C interface cannot silence its log nor its self-made recovery.
    .target(
        name: "CRocksDB", path: "Emulator/Store/CRocksDB",
        cxxSettings: [.unsafeFlags(["-std=c++17", "-Wall", "-Wextra", "-Werror", "-O2"])],
        linkerSettings: [.linkedLibrary("rocksdb")]),
    library(
        "Store", path: "Emulator/Store", ["Bytes", "Clock", "CRocksDB", "Digests"], exclude: ["CRocksDB"]),
]

// MARK: - Tests mirror the above

let testSupport: [Target] = [
    .target(
        name: "TestSupport",
        dependencies: [
            "AWSClients", "Bytes", "Clock", "HTTPTypes", "JSON", "LambdaEvents", "LambdaRuntime", "Mumble",
            "ProviderClients",
        ],
        path: "Tests/Support", swiftSettings: strict),
    .target(name: "Seeded", path: "Tests/Seeded", swiftSettings: strict),
    .target(name: "SocketSupport", path: "Tests/Emulator/SocketSupport", swiftSettings: strict),
    .target(name: "Waiting", path: "Tests/Waiting", swiftSettings: strict),
    .systemLibrary(
        name: "CHTTPParser", path: "Tests/Emulator/CHTTPParser", providers: [.apt(["libhttp-parser-dev"])]),
]

func unitTests(
    _ module: String, folder: String, _ more: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
    tests(
        "\(module)Tests", path: "Tests/\(folder)", [.init(stringLiteral: module), "Seeded"] + more,
        exclude: exclude)
}

let base: [Target.Dependency] = ["Bytes", "Clock", "Digests", "HTTPTypes", "JSON"]
let sharedTests: [Target] = [
    unitTests("Bytes", folder: "Shared/Bytes"), unitTests("Clock", folder: "Shared/Clock"),
    unitTests("JSON", folder: "Shared/JSON"),
    unitTests("Digests", folder: "Shared/Digests", ["Bytes"]),
    unitTests("HTTPTypes", folder: "Shared/HTTPTypes", ["Bytes"]),
    unitTests("Signing", folder: "Shared/Signing", base),
    unitTests("HTTPClient", folder: "Shared/HTTPClient", base),
    unitTests("LambdaEvents", folder: "Shared/LambdaEvents", base),
    unitTests("EventSources", folder: "Shared/EventSources", base + ["LambdaEvents"]),
    unitTests("LambdaRuntime", folder: "Shared/LambdaRuntime", base + ["HTTPClient", "LambdaEvents"]),
    unitTests("AWSClients", folder: "Shared/AWSClients", base + ["HTTPClient", "Signing"]),
    unitTests("ProviderClients", folder: "Shared/Providers", base + ["HTTPClient"]),
    unitTests("Images", folder: "Shared/Images"),
    unitTests("Mumble", folder: "Shared/Mumble", mumbleParts + ["HTTPClient", "TestSupport"]),
]
let functionTests: [Target] = functionNames.map { name in
    unitTests(
        folder(of: name), folder: "Functions/\(folder(of: name))",
        everythingAHandlerMayUse + moreDependencies[name, default: []] + ["TestSupport"],
        exclude: ["Events"])
}
let emulatorTests: [Target] = [
    unitTests("App", folder: "Emulator/App", base + ["EventSources", "LambdaEvents"]),
    unitTests("Packaging", folder: "Packaging", ["Bytes"]),
    unitTests("Doctor", folder: "Doctor", ["Packaging"]),
    unitTests("StackTemplate", folder: "Template", ["JSON"]),
    unitTests(
        "Gateway", folder: "Emulator/Gateway",
        base + ["AWSProtocol", "HTTPClient", "HTTPServer", "LambdaEvents", "Net", "SocketSupport", "Waiting"]),
    unitTests(
        "Lambda", folder: "Emulator/Lambda",
        base + ["AWSProtocol", "HTTPServer", "Net", "Signing", "Store", "Waiting"]),
    unitTests("Tables", folder: "Emulator/Tables", base + ["AWSProtocol", "Expressions", "Store"]),
    unitTests("Expressions", folder: "Emulator/Expressions", base),
    unitTests("PartiQL", folder: "Emulator/PartiQL", base + ["Expressions"]),
    unitTests(
        "Objects", folder: "Emulator/Objects",
        base + ["AWSProtocol", "CRocksDB", "Signing", "Store", "Waiting"]),
    unitTests("StandIns", folder: "Emulator/Providers", base + ["Net"]),
    unitTests("AWSProtocol", folder: "Emulator/AWSProtocol", base + ["Signing"]),
    unitTests(
        "HTTPServer", folder: "Emulator/HTTPServer",
        base + ["CHTTPParser", "Net", "SocketSupport", "Waiting"]),
    unitTests("Net", folder: "Emulator/Net", ["SocketSupport", "Waiting"]),
    unitTests("Store", folder: "Emulator/Store", base + ["CRocksDB", "Waiting"]),
]

/// The properties that fuzzing looks for exceptions from are a library, so that unit tests hold them too. The
/// fuzzers themselves link against libFuzzer instead of having a start of their own: only scripts/fuzz.sh
/// builds them, with the compiler's fuzzing and address checks on for every module.
let fuzzerNames = [
    "FuzzExpressions", "FuzzNumbers", "FuzzJSON", "FuzzKeys", "FuzzXML", "FuzzChunks", "FuzzForms",
    "FuzzRequests",
    "FuzzObjectKeys", "FuzzZips", "FuzzFrames",
]
let isFuzzing = Context.environment["FUZZ"] == "1"
let fuzzing: [Target] =
    [
        .target(
            name: "FuzzProperties",
            dependencies: [
                "AWSProtocol", "Bytes", "Clock", "Digests", "Expressions", "Gateway", "HTTPServer",
                "HTTPTypes",
                "JSON", "Lambda", "Net", "Objects", "Signing", "Tables",
            ],
            path: "Tests/Fuzz/Properties", swiftSettings: strict),
        tests("FuzzPropertiesTests", path: "Tests/Fuzz/Tests", ["FuzzProperties", "Seeded"]),
    ]
    + (isFuzzing
        ? [
            .target(
                name: "FuzzDriver", dependencies: ["FuzzProperties"], path: "Tests/Fuzz/Driver",
                swiftSettings: strict)
        ]
            + fuzzerNames.map {
                .executableTarget(
                    name: $0, dependencies: ["FuzzDriver", "FuzzProperties"], path: "Tests/Fuzz/\($0)",
                    swiftSettings: strict)
            } : [])

let package = Package(
    name: "mumble-serverless",
    products: [.executable(name: "emulator", targets: ["App"])]
        + functionNames.map { .executable(name: $0, targets: [folder(of: $0)]) },
    targets: shared + functions + emulator + testSupport + sharedTests + functionTests + emulatorTests
        + fuzzing)
