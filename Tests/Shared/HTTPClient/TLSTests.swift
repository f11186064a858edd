import Foundation
import HTTPTypes
import Testing

@testable import HTTPClient

/// Tests against `openssl s_server` with certificates of a home-made authority.
@Suite(.serialized) struct TLSTests {
    /// A temporary folder with a CA and a certificate for localhost and 127.0.0.1.
    private struct Authority {
        let folder: URL

        init() throws {
            folder = FileManager.default.temporaryDirectory
                .appendingPathComponent("mumble-tls-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data("subjectAltName=DNS:localhost,IP:127.0.0.1\n".utf8)
                .write(to: folder.appendingPathComponent("san"))
            let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
            try openssl(
                ["req", "-x509"] + key + [
                    "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Test CA",
                ]
            )
            try openssl(
                ["req"] + key + ["-keyout", "host.key", "-out", "host.csr", "-subj", "/CN=localhost"])
            try openssl([
                "x509", "-req", "-in", "host.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                "-days", "2", "-extfile", "san", "-out", "host.pem",
            ])
        }

        func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

        func openssl(_ arguments: [String]) throws {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
            process.arguments = arguments
            process.currentDirectoryURL = folder
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0, "openssl \(arguments.joined(separator: " "))")
        }

        func remove() { try? FileManager.default.removeItem(at: folder) }
    }

    /// Runs `body` with the port of a TLS server that answers every request with a status page.
    private func withServer(
        _ authority: Authority, _ options: [String] = [], _ body: (Int) throws -> Void
    ) throws {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments =
            ["s_server", "-accept", "127.0.0.1:0", "-cert", "host.pem", "-key", "host.key", "-www"] + options
        process.currentDirectoryURL = authority.folder
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer {
            // Not SIGTERM: the test runner's threads block it, and a child inherits that.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        var banner = ""
        while !banner.contains("ACCEPT 127.0.0.1:") || !banner.hasSuffix("\n") {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { break }
            banner += String(decoding: data, as: UTF8.self)
        }
        let line = banner.split(separator: "\n").first { $0.hasPrefix("ACCEPT 127.0.0.1:") }
        try body(try #require(line.flatMap { Int($0.dropFirst("ACCEPT 127.0.0.1:".count)) }))
    }

    private func get(
        _ host: String, _ port: Int, file: String? = nil, directory: String? = nil
    ) throws(HTTPClientError) -> HTTPResponse {
        var options = HTTPClient.Options()
        options.caFile = file
        options.caDirectory = directory
        return try HTTPClient(options: options).send(
            HTTPRequest(method: "GET", target: "/"), to: URLParts(scheme: "https", host: host, port: port),
            timeoutMilliseconds: 60_000)
    }

    private func tlsReason(_ body: () throws(HTTPClientError) -> HTTPResponse) -> String? {
        do {
            _ = try body()
        } catch .tls(let reason) {
            return reason
        } catch {
            Issue.record("wrong error \(error)")
        }
        return nil
    }

    @Test func trustedByFileAndByHashedDirectory() throws {
        let authority = try Authority()
        defer { authority.remove() }
        try FileManager.default.createDirectory(
            atPath: authority.path("roots"), withIntermediateDirectories: false)
        #expect(!TrustStore.isHashed(authority.path("roots")))
        try FileManager.default.copyItem(
            atPath: authority.path("ca.pem"), toPath: authority.path("roots/ca.pem"))
        try authority.openssl(["rehash", "roots"])
        #expect(TrustStore.isHashed(authority.path("roots")))
        try withServer(authority) { port in
            for host in ["localhost", "127.0.0.1"] {
                let byFile = try get(host, port, file: authority.path("ca.pem"))
                #expect(byFile.status == 200)
                let byDirectory = try get(host, port, directory: authority.path("roots"))
                #expect(byDirectory.status == 200)
            }
        }
    }

    @Test func untrustedAuthorityIsRefused() throws {
        let authority = try Authority()
        let other = try Authority()
        defer {
            authority.remove()
            other.remove()
        }
        try withServer(authority) { port in
            #expect(
                tlsReason { () throws(HTTPClientError) in
                    try get("localhost", port, file: other.path("ca.pem"))
                }?.contains("certificate") == true)
            // The roots of the system do not know this authority either.
            #expect(tlsReason { () throws(HTTPClientError) in try get("localhost", port) } != nil)
        }
    }

    @Test func certificateOfAnotherHostIsRefused() throws {
        let authority = try Authority()
        defer { authority.remove() }
        try withServer(authority) { port in
            // Resolves to loopback as well, but the certificate names localhost only.
            let reason = tlsReason { () throws(HTTPClientError) in
                try get("other.localhost", port, file: authority.path("ca.pem"))
            }
            #expect(reason?.lowercased().contains("hostname mismatch") == true)
        }
    }

    @Test func tls11IsRefused() throws {
        let authority = try Authority()
        defer { authority.remove() }
        try withServer(authority, ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]) { port in
            #expect(
                tlsReason { () throws(HTTPClientError) in
                    try get("localhost", port, file: authority.path("ca.pem"))
                } != nil)
        }
    }

    @Test func missingTrustFileIsNamedAsTLSFailure() {
        #expect(
            tlsReason { () throws(HTTPClientError) in try get("127.0.0.1", 1, file: "/nonexistent.pem") }
                != nil)
    }

    @Test func serverThatSpeaksNoTLS() {
        let server = TestServer { connection, _ in
            connection.send("HTTP/1.1 400 Bad Request\r\n\r\n")
            // Until the client goes: closed before all was read, the connection would be reset.
            _ = connection.request()
        }
        #expect(
            tlsReason { () throws(HTTPClientError) in
                try get("127.0.0.1", server.port, file: "/etc/ssl/certs/ca-certificates.crt")
            } != nil)
        server.stop()
    }
}
