import Glibc
import HTTPServer
import HTTPTypes
import Net
import SocketSupport
import Testing
import Waiting

/// Bodies made of several files.
extension SocketTests {
    @Suite struct PiecedBodyTests {
        private static let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

        /// Pieces of files and memory that together are the pattern from its start.
        private static func pieces(_ sizes: [Int], in folder: String) throws -> [PiecedBody.Piece] {
            var start = 0
            return try sizes.enumerated().map { number, size in
                let bytes = (0..<size).map { UInt8(truncatingIfNeeded: (start + $0) % 65_521) }
                start += size
                if number % 3 == 2 { return .bytes(bytes) }
                let path = "\(folder)/piece-\(number)"
                try Files.writeFile(path, [7, 7] + bytes + [7])
                return .file(path: path, offset: 2, length: Int64(size))
            }
        }

        private static func pattern(_ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: $0 % 65_521) }
        }

        @Test func piecesArriveInOrderOnAConnectionThatLives() async throws {
            try await withFolder { folder in
                let sizes = [0, 1, 70_000, 3_000_000, 5, 0, 900_000, 65_536, 65_537]
                let body = PiecedBody(try Self.pieces(sizes, in: folder))
                let expected = Self.pattern(sizes.reduce(0, +))
                try await withServer(handler: { _ in HTTPResponse(body: .pieces(body)) }) { port in
                    try await onThread {
                        let client = try RawClient(port: port)
                        for _ in 0..<3 {
                            try client.send(Self.get)
                            #expect(try client.readResponse().body == expected)
                        }
                        try client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
                        let head = try client.readResponse(isHead: true)
                        #expect(head.fields["content-length"] == String(expected.count))
                    }
                }
            }
        }

        @Test func tenThousandSmallPiecesArrive() async throws {
            try await withFolder { folder in
                let path = folder + "/one"
                try Files.writeFile(path, Self.pattern(100))
                let pieces = (0..<10_000).map {
                    PiecedBody.Piece.file(path: path, offset: Int64($0 % 100), length: 1)
                }
                let body = PiecedBody(pieces)
                try await withServer(handler: { _ in HTTPResponse(body: .pieces(body)) }) { port in
                    let answer = try await onThread {
                        let client = try RawClient(port: port)
                        try client.send(Self.get)
                        return try client.readResponse().body
                    }
                    #expect(answer == (0..<10_000).map { UInt8($0 % 100) })
                }
            }
        }

        @Test(arguments: [true, false]) func aPieceThatIsMissingOrShortEndsTheConnection(
            missing: Bool
        ) async throws {
            try await withFolder { folder in
                var pieces = try Self.pieces([50_000, 50_000], in: folder)
                if missing {
                    pieces.append(.file(path: folder + "/none", offset: 0, length: 10))
                } else {
                    pieces.append(.file(path: folder + "/piece-1", offset: 0, length: 60_000))
                }
                let body = PiecedBody(pieces)
                try await withServer(handler: { _ in HTTPResponse(body: .pieces(body)) }) { port in
                    try await onThread {
                        let client = try RawClient(port: port)
                        try client.send(Self.get)
                        _ = try client.readHead()
                        let rest = try client.readToEnd()
                        #expect(rest.count < body.length)
                        #expect(Array(rest.prefix(100_000)) == Self.pattern(100_000))
                    }
                }
            }
        }

        /// Clients that do not read, or go away: afterwards no file is open and nothing keeps the body.
        @Test func goneAndStalledReadersLetGoOfTheBody() async throws {
            final class Keeper: Sendable {
                let tally: Tally
                init(_ tally: Tally) { self.tally = tally }
                deinit { tally.add() }
            }
            let ended = Tally()
            try await withFolder { folder in
                let path = folder + "/big"
                let descriptor = try System.open(path, O_WRONLY | O_CREAT)
                ftruncate(descriptor, 64 << 20)
                System.close(descriptor)
                let handler: HTTPServer.Handler = { _ in
                    let piece = PiecedBody.Piece.file(path: path, offset: 0, length: 64 << 20)
                    return HTTPResponse(body: .pieces(PiecedBody([piece, piece], keeper: Keeper(ended))))
                }
                var options = HTTPServerOptions()
                options.idleTimeoutMs = 3_000
                try await withServer(options, handler: handler) { port in
                    let before = openDescriptors()
                    try await onThread {
                        let clients = try (0..<6).map { _ in
                            let client = try RawClient(port: port)
                            try client.send(Self.get)
                            _ = try client.readHead()
                            return client
                        }
                        clients[0].reset()
                        clients[1].reset()
                        // The others stall until the server has enough.
                        #expect(blocksUntil { ended.value == 6 })
                        withExtendedLifetime(clients) {}
                    }
                    #expect(await eventually { openDescriptors() <= before })
                }
            }
        }

        /// Slow, but never idle for as long as the limit.
        @Test func aSlowReaderGetsEverything() async throws {
            try await withFolder { folder in
                let body = PiecedBody(try Self.pieces([9_000_000, 9_000_000], in: folder))
                var options = HTTPServerOptions()
                options.idleTimeoutMs = 4_000
                try await withServer(options, handler: { _ in HTTPResponse(body: .pieces(body)) }) { port in
                    try await onThread {
                        let client = try RawClient(port: port)
                        var small: Int32 = 65_536
                        setsockopt(
                            client.descriptor, SOL_SOCKET, SO_RCVBUF, &small,
                            socklen_t(MemoryLayout<Int32>.size))
                        try client.send(Self.get)
                        _ = try client.readHead()
                        var count = 0
                        while count < 18_000_000 {
                            let part = min(1_000_000, 18_000_000 - count)
                            _ = try client.read(part)
                            count += part
                            usleep(250_000)
                        }
                        #expect(count == 18_000_000)
                    }
                }
            }
        }
    }
}

/// Of this process.
private func openDescriptors() -> Int { entries(of: "/proc/self/fd").count }
