import Glibc
import HTTPServer
import HTTPTypes
import Net
import SocketSupport
import Testing
import Waiting

/// Bodies that do not fit in memory.
extension SocketTests {
    @Suite struct HTTPServerBodyTests {
        /// Beyond what buffers, the kernel's accounting and other tests of this process may take.
        private static let flatBytes = 40 << 20

        private func options(_ folder: String) -> HTTPServerOptions {
            var options = HTTPServerOptions()
            options.spoolDirectory = folder
            options.memoryBodyBytes = 100_000
            options.maxBodyBytes = 60 << 20
            return options
        }

        private static func fileMatches(_ path: String, count: Int) -> Bool {
            guard let descriptor = try? System.open(path, O_RDONLY) else { return false }
            defer { System.close(descriptor) }
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            var offset = 0
            while let read = try? chunk.withUnsafeMutableBytes({
                try System.pread(descriptor, $0, offset: Int64(offset))
            }),
                read > 0
            {
                guard chunk[..<read] == Pattern.bytes(from: offset, count: read) else { return false }
                offset += read
            }
            return offset == count
        }

        private static func upload(_ client: RawClient, _ count: Int, peak: inout Int) throws {
            try Pattern.pieces(count) {
                try client.send($0)
                peak = max(peak, residentBytes())
            }
        }

        @Test(arguments: [false, true]) func anUploadOf50MBTakesNoMemory(chunked: Bool) async throws {
            let count = 50 << 20
            let kept = Tally()
            try await withFolder { folder in
                let before = residentBytes()
                let peak = try await withServer(
                    options(folder),
                    handler: { request in
                        guard case .spooled(let body) = request.body, body.length == Int64(count) else {
                            return HTTPResponse(status: 500)
                        }
                        let path = body.path
                        let matches = try? await runBlocking { Self.fileMatches(path, count: count) }
                        if entries(of: folder).count == 1 { kept.add() }
                        return HTTPResponse(status: matches == true ? 200 : 500)
                    }
                ) { port in
                    try await onThread {
                        var peak = 0
                        let client = try RawClient(port: port)
                        if chunked {
                            try client.send("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
                            try client.send(String(count, radix: 16) + "\r\n")
                            try Self.upload(client, count, peak: &peak)
                            try client.send("\r\n0\r\n\r\n")
                        } else {
                            try client.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: \(count)\r\n\r\n")
                            try Self.upload(client, count, peak: &peak)
                        }
                        #expect(try client.readResponse().status == 200)
                        return peak
                    }
                }
                #expect(peak - before < Self.flatBytes)
                #expect(kept.value == 1)
                // The handler did not take the file, so it went with the request.
                #expect(await eventually { entries(of: folder).isEmpty })
            }
        }

        @Test func aHandlerMayTakeTheFile() async throws {
            try await withFolder { folder in
                let target = folder + "/taken"
                try await withServer(
                    options(folder),
                    handler: { request in
                        guard case .spooled(let body) = request.body else { return HTTPResponse(status: 500) }
                        return HTTPResponse(status: rename(body.take(), target) == 0 ? 200 : 500)
                    }
                ) { port in
                    try await onThread {
                        let client = try RawClient(port: port)
                        try client.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n")
                        var peak = 0
                        try Self.upload(client, 200_000, peak: &peak)
                        #expect(try client.readResponse().status == 200)
                    }
                }
                #expect(entries(of: folder) == ["taken"])
                #expect(Self.fileMatches(target, count: 200_000))
            }
        }

        @Test func aClientThatGoesMidBodyLeavesNoFile() async throws {
            let calls = Tally()
            try await withFolder { folder in
                try await withServer(
                    options(folder),
                    handler: { _ in
                        calls.add()
                        return HTTPResponse()
                    }
                ) { port in
                    try await onThread {
                        for wantsReset in [true, false] {
                            let client = try RawClient(port: port)
                            try client.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n")
                            try client.send([UInt8](repeating: 1, count: 1_000_000))
                            #expect(blocksUntil { entries(of: folder).count == 1 })
                            if wantsReset { client.reset() } else { client.finishSending() }
                            #expect(blocksUntil { entries(of: folder).isEmpty })
                        }
                    }
                }
            }
            #expect(calls.value == 0)
        }

        @Test func aBodyBeyondTheLimitGetsTheCallersAnswer() async throws {
            try await withFolder { folder in
                var options = options(folder)
                options.tooLargeResponse = {
                    HTTPResponse(status: 413, body: .bytes(Array("no \($0.target)".utf8)))
                }
                try await withServer(options) { port in
                    try await onThread {
                        let asking = try RawClient(port: port)
                        let head = "PUT /big HTTP/1.1\r\nHost: x\r\n"
                        try asking.send(head + "Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n")
                        let refused = try asking.readResponse()
                        #expect(refused.status == 413)
                        #expect(refused.text == "no /big")
                        // One that has begun to send sees the answer, too, instead of a reset.
                        let sending = try RawClient(port: port)
                        try sending.send(head + "Content-Length: 99999999\r\n\r\n")
                        try sending.send([UInt8](repeating: 1, count: 4_000_000))
                        #expect(try sending.readResponse().status == 413)
                        sending.finishSending()
                        #expect(try sending.readToEnd().isEmpty)
                    }
                }
                #expect(entries(of: folder).isEmpty)
            }
        }

        @Test func aSpoolFolderThatIsMissingIsTold() async throws {
            try await withServer(options("/no/such/folder")) { port in
                try await onThread {
                    let client = try RawClient(port: port)
                    try client.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n")
                    let response = try client.readResponse()
                    #expect(response.status == 507)
                    #expect(response.text.contains("No such file or directory"))
                }
            }
        }

        @Test func aSlowDownloadTakesNoMemory() async throws {
            let count = 80 << 20
            try await withFolder { folder in
                let path = folder + "/big"
                try await onThread {
                    let descriptor = try System.open(path, O_WRONLY | O_CREAT | O_EXCL)
                    defer { System.close(descriptor) }
                    try Pattern.pieces(count) { try System.writeAll(descriptor, $0) }
                }
                let before = residentBytes()
                let handler: HTTPServer.Handler = { _ in
                    guard let descriptor = try? System.open(path, O_RDONLY) else {
                        return HTTPResponse(status: 500)
                    }
                    return HTTPResponse(
                        body: .file(OpenFile(adopting: descriptor), offset: 0, length: Int64(count)))
                }
                let peak = try await withServer(handler: handler) { port in
                    try await onThread {
                        let clients = try (0..<4).map { _ in try RawClient(port: port) }
                        for client in clients { try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n") }
                        for client in clients { _ = try client.readHead() }
                        // All four are being served and none of them reads.
                        usleep(400_000)
                        let peak = residentBytes()
                        try clients[0].drain(count)
                        return max(peak, residentBytes())
                    }
                }
                #expect(peak - before < Self.flatBytes)
            }
        }

        @Test func filesAreServedInParts() async throws {
            try await withFolder { folder in
                let path = folder + "/file"
                try Files.writeFile(path, Array(Pattern.bytes(from: 0, count: 1_000)))
                let handler: HTTPServer.Handler = { request in
                    guard let descriptor = try? System.open(path, O_RDONLY) else {
                        return HTTPResponse(status: 500)
                    }
                    return HTTPResponse(body: .file(OpenFile(adopting: descriptor), offset: 10, length: 20))
                }
                try await withServer(handler: handler) { port in
                    try await onThread {
                        let client = try RawClient(port: port)
                        let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
                        try client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n" + get + get)
                        #expect(try client.readResponse(isHead: true).fields["content-length"] == "20")
                        for _ in 0..<2 {
                            #expect(
                                try client.readResponse().body == Array(Pattern.bytes(from: 10, count: 20)))
                        }
                    }
                }
            }
        }
    }
}
