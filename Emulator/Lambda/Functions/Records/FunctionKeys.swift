import Bytes
import Store

/// Keys in the keyspace of functions. The first byte tells the kind; capital letters are the control plane's.
///
///     F name                     the function and its settings
///     O name                     what requests have set of a function of the manifest
///     V name 0 number            a published version; eight bytes, most significant first
///     L name                     a layer
///     M name 0 number            a version of a layer
///     Z blob                     a zip that one of these refers to
enum FunctionKeys {
    static let functions = UInt8(ascii: "F")
    static let overlays = UInt8(ascii: "O")
    static let versions = UInt8(ascii: "V")
    static let layers = UInt8(ascii: "L")
    static let layerVersions = UInt8(ascii: "M")

    static func zip(_ blob: String) -> [UInt8] { [Keyspace.functionBlobKind] + Array(blob.utf8) }

    static func function(_ name: String) -> [UInt8] { [functions] + Array(name.utf8) }

    static func overlay(_ name: String) -> [UInt8] { [overlays] + Array(name.utf8) }

    static func version(_ name: String, _ number: Int) -> [UInt8] { numbered(versions, name, number) }

    static func layer(_ name: String) -> [UInt8] { [layers] + Array(name.utf8) }

    static func layerVersion(_ name: String, _ number: Int) -> [UInt8] {
        numbered(layerVersions, name, number)
    }

    /// The name in a key of whatever kind.
    static func name(in key: [UInt8]) -> String {
        String(decoding: key.dropFirst().prefix { $0 != 0 }, as: UTF8.self)
    }

    // MARK: - Ranges

    /// Keys from the first one up to but not including the second one.
    typealias Range = (from: [UInt8], to: [UInt8])

    static func all(_ kind: UInt8) -> Range { ([kind], [kind + 1]) }

    static func one(_ key: [UInt8]) -> Range { (key, key + [0]) }

    /// The versions of what is called so.
    static func numbers(of name: String, _ kind: UInt8) -> Range {
        let prefix = [kind] + Array(name.utf8)
        return (prefix + [0], prefix + [1])
    }

    private static func numbered(_ kind: UInt8, _ name: String, _ number: Int) -> [UInt8] {
        [kind] + Array(name.utf8) + [0] + ByteOrder.bytes(UInt64(number))
    }
}
