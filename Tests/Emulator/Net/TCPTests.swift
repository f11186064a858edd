import Glibc
import SocketSupport
import Testing
import Waiting

@testable import Net

@Suite struct TCPTests {
    @EventLoop private func echo() throws -> TCPListener {
        try TCPListener(host: "127.0.0.1", port: 0) { connection in
            connection.onBytes = { connection.write(Array($0)) }
            connection.onEnd = { connection.finishWriting { connection.close() } }
            connection.resumeReading()
        }
    }

    @Test func echoesAndReportsThePeer() async throws {
        let listener = try await echo()
        let port = await listener.port
        let answer = try await onThread {
            let client = try RawClient(port: port)
            try client.send("hello")
            client.finishSending()
            return try client.readToEnd()
        }
        #expect(String(decoding: answer, as: UTF8.self) == "hello")
        await listener.close()
    }

    @Test func peerAddressHasNoPort() async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        let listener = try await TCPListener(host: "127.0.0.1", port: 0) { connection in
            continuation.yield(connection.peerAddress)
            connection.close()
        }
        let port = await listener.port
        _ = try await onThread { try RawClient(port: port).readToEnd() }
        var iterator = stream.makeAsyncIterator()
        #expect(await iterator.next() == "127.0.0.1")
        await listener.close()
    }

    /// More than the kernel takes at once, to a reader that starts late.
    @Test func longWritesArriveWholeAndInOrder() async throws {
        let (parts, size) = (24, 1 << 20)
        let block = (0..<size).map { UInt8(truncatingIfNeeded: $0 % 251) }
        let listener = try await TCPListener(host: "127.0.0.1", port: 0) { connection in
            for part in 0..<parts {
                connection.write([UInt8(part)])
                connection.write(block)
            }
            #expect(connection.pendingWriteBytes > 0)
            connection.finishWriting { connection.close() }
        }
        let port = await listener.port
        try await onThread {
            let client = try RawClient(port: port)
            usleep(300_000)
            for part in 0..<parts {
                #expect(try client.read(1) == [UInt8(part)])
                #expect(try client.read(size) == block)
            }
            #expect(try client.readToEnd().isEmpty)
        }
        await listener.close()
    }

    @Test func pausedReadingHoldsThePeerBack() async throws {
        let counter = Counter()
        let listener = try await TCPListener(host: "127.0.0.1", port: 0) { connection in
            connection.onBytes = { bytes in
                counter.add()
                connection.pauseReading()
                _ = LoopTimer(afterMilliseconds: 1) { connection.resumeReading() }
            }
            connection.onEnd = { connection.close() }
            connection.resumeReading()
        }
        let port = await listener.port
        try await onThread {
            let client = try RawClient(port: port)
            try client.send([UInt8](repeating: 1, count: 1 << 20))
            client.finishSending()
            #expect(try client.readToEnd().isEmpty)
        }
        #expect(await counter.value >= 16)
        await listener.close()
    }

    @Test func closeIsReportedOnce() async throws {
        let counter = Counter()
        let listener = try await TCPListener(host: "127.0.0.1", port: 0) { connection in
            connection.onClose = { counter.add() }
            connection.close()
            connection.close()
        }
        let port = await listener.port
        _ = try await onThread { try RawClient(port: port).readToEnd() }
        #expect(await eventually { await counter.value == 1 })
        await listener.close()
    }

    @Test func sendsAFileFromAnOffset() async throws {
        let folder = try makeTemporaryFolder()
        defer { Files.removeTree(folder) }
        let path = folder + "/file"
        let count = 3 << 20
        try Files.writeFile(path, (0..<48).flatMap { Pattern.bytes(from: $0 * 65_536, count: 65_536) })
        let listener = try await TCPListener(host: "127.0.0.1", port: 0) { connection in
            guard let file = try? System.open(path, O_RDONLY) else { return connection.close() }
            connection.sendFile(descriptor: file, offset: 65_521, length: Int64(count - 65_521)) {
                System.close(file)
                connection.finishWriting { connection.close() }
            }
        }
        let port = await listener.port
        try await onThread {
            let client = try RawClient(port: port)
            // The offset is one period of the pattern.
            try client.drain(count - 65_521)
            #expect(try client.readToEnd().isEmpty)
        }
        await listener.close()
    }

    @Test func aFileThatIsTooShortClosesTheConnection() async throws {
        let folder = try makeTemporaryFolder()
        defer { Files.removeTree(folder) }
        let path = folder + "/file"
        try Files.writeFile(path, [1, 2, 3])
        let (stream, continuation) = AsyncStream.makeStream(of: Bool.self)
        let listener = try await TCPListener(host: "127.0.0.1", port: 0) { connection in
            guard let file = try? System.open(path, O_RDONLY) else { return connection.close() }
            connection.sendFile(descriptor: file, offset: 0, length: 10) {
                System.close(file)
                continuation.yield(connection.isClosed)
            }
        }
        let port = await listener.port
        #expect(try await onThread { try RawClient(port: port).readToEnd() } == [1, 2, 3])
        var iterator = stream.makeAsyncIterator()
        #expect(await iterator.next() == true)
        await listener.close()
    }

    @Test func aTakenPortIsNamedWithTheRemedy() async throws {
        let listener = try await echo()
        let port = await listener.port
        await #expect(throws: NetError.addressInUse(host: "127.0.0.1", port: port)) {
            _ = try await TCPListener(host: "127.0.0.1", port: port) { $0.close() }
        }
        #expect(
            NetError.addressInUse(host: "127.0.0.1", port: 3000).description
                == "127.0.0.1:3000 is already in use; stop the program that listens there or choose another port."
        )
        await listener.close()
    }

    @Test func otherRefusalsAreTold() async throws {
        await #expect(throws: NetError.addressNotAvailable(host: "203.0.113.1", port: 0)) {
            _ = try await TCPListener(host: "203.0.113.1", port: 0) { $0.close() }
        }
        await #expect(throws: NetError.unknownHost("no host")) {
            _ = try await TCPListener(host: "no host", port: 0) { $0.close() }
        }
        await #expect(throws: NetError.self) {
            _ = try await TCPListener(host: "::", port: 70_000) { $0.close() }
        }
        #expect(
            NetError.listening(host: "h", port: 80, code: -EACCES) == .permissionDenied(host: "h", port: 80))
    }

    @Test func aClosedPortCanBeTakenAgain() async throws {
        let first = try await echo()
        let port = await first.port
        await first.close()
        var second: TCPListener?
        let isTaken = await eventually {
            second = try? await TCPListener(host: "127.0.0.1", port: port) { $0.close() }
            return second != nil
        }
        #expect(isTaken)
        #expect(await second?.port == port)
        await second?.close()
    }
}
