/// A body that lies in several places: files, each of which is opened only when its turn comes, and bytes in
/// memory. Thousands of files cost no descriptor.
public struct PiecedBody: Sendable {
    public enum Piece: Sendable, Equatable {
        case bytes([UInt8])
        /// `length` bytes of the file at `path` from `offset`.
        case file(path: String, offset: Int64, length: Int64)

        /// In bytes.
        public var length: Int64 {
            switch self {
            case .bytes(let bytes): Int64(bytes.count)
            case .file(_, _, let length): length
            }
        }

        /// - Parameter range: within the piece.
        func slice(_ range: Range<Int64>) -> Piece {
            if range == 0..<length { return self }
            switch self {
            case .bytes(let bytes): return .bytes(Array(bytes[Int(range.lowerBound)..<Int(range.upperBound)]))
            case .file(let path, let offset, _):
                return .file(path: path, offset: offset + range.lowerBound, length: Int64(range.count))
            }
        }
    }

    public let pieces: [Piece]
    /// In bytes.
    public let length: Int64
    /// Keeps the files where they are as long as it lives.
    private let keeper: (any AnyObject & Sendable)?

    /// - Parameter keeper: lives as long as the body or a slice of it.
    public init(_ pieces: [Piece], keeper: (any AnyObject & Sendable)? = nil) {
        self.pieces = pieces
        self.keeper = keeper
        length = pieces.reduce(0) { $0 + $1.length }
    }

    /// A part of the body. What lies outside `range` is left out.
    public func slice(_ range: Range<Int64>) -> PiecedBody {
        var chosen: [Piece] = []
        var start: Int64 = 0
        for piece in pieces {
            let end = start + piece.length
            let common = range.clamped(to: start..<end)
            if !common.isEmpty {
                chosen.append(piece.slice(common.lowerBound - start..<common.upperBound - start))
            }
            start = end
            if start >= range.upperBound { break }
        }
        return PiecedBody(chosen, keeper: keeper)
    }
}
