import Glibc
import SocketSupport
import Testing

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
        let count = 8 << 20
        let listener = try await TCPListener(host: "127.0.0.1", port: 0) { connection in
            var expectedPending = false
            for part in 0..<8 {
                let bytes = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: ($0 + part << 20) % 251) }
                connection.write(bytes)
                expectedPending = expectedPending || connection.pendingWriteBytes > 0
            }
            #expect(expectedPending)
            connection.finishWriting { connection.close() }
        }
        let port = await listener.port
        try await onThread {
            let client = try RawClient(port: port)
            usleep(50_000)
            try client.drain(count) { offset in
                UInt8(truncatingIfNeeded: (offset & 0xFFFFF + (offset >> 20) << 20) % 251)
            }
            #expect(try client.readToEnd().isEmpty)
        }
        await listener.close()
    }

    @Test func pausedReadingHoldsThePeerBack() async throws {
        let counter = await Counter()
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
        let counter = await Counter()
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
        try Files.writeFile(path, (0..<count).map { UInt8(truncatingIfNeeded: $0 % 253) })
        let listener = try await TCPListener(host: "127.0.0.1", port: 0) { connection in
            guard let file = try? System.open(path, O_RDONLY) else { return connection.close() }
            connection.sendFile(descriptor: file, offset: 1_000, length: Int64(count - 1_000)) {
                System.close(file)
                connection.finishWriting { connection.close() }
            }
        }
        let port = await listener.port
        try await onThread {
            let client = try RawClient(port: port)
            try client.drain(count - 1_000) { UInt8(truncatingIfNeeded: ($0 + 1_000) % 253) }
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
        for _ in 0..<100 where second == nil {
            second = try? await TCPListener(host: "127.0.0.1", port: port) { $0.close() }
            if second == nil { await sleep(milliseconds: 10) }
        }
        #expect(await second?.port == port)
        await second?.close()
    }
}
