import Packaging

/// What Lambda would say to a package ("Lambda quotas" and "OS-only runtimes" of the Developer Guide).
public enum PackageChecks {
    /// Bytes of a zip that is uploaded by a request.
    public static let zippedLimit = 50 * 1_048_576
    /// Bytes of all that is in it.
    public static let unzippedLimit = 250 * 1_048_576

    /// - Parameters:
    ///   - subject: names the package in findings.
    ///   - architecture: of the function: `x86_64` or `arm64`.
    public static func findings(
        _ contents: PackageContents, subject: String, architecture: String, image: BaseImage = .al2023
    ) -> [Finding] {
        sizes(contents, subject) + bootstrap(contents, subject, architecture, image)
    }

    private static func sizes(_ contents: PackageContents, _ subject: String) -> [Finding] {
        var findings: [Finding] = []
        if contents.zippedBytes > zippedLimit {
            findings.append(
                Finding(
                    .error, subject,
                    "The zip has \(contents.zippedBytes) bytes; Lambda takes \(zippedLimit) in a request.",
                    remedy:
                        "Leave files out of the package, or upload it by way of S3 as 'emulator deploy' does."
                ))
        }
        let unzipped = contents.entries.reduce(0) { $0 + $1.size }
        if unzipped > unzippedLimit {
            findings.append(
                Finding(
                    .error, subject, "Unpacked it has \(unzipped) bytes; Lambda takes \(unzippedLimit).",
                    remedy: "Strip the program, link less, or move data to S3."))
        }
        return findings
    }

    private static func bootstrap(
        _ contents: PackageContents, _ subject: String, _ architecture: String, _ image: BaseImage
    ) -> [Finding] {
        guard let entry = contents.entries.first(where: { $0.name == "bootstrap" }),
            let program = contents.bootstrap
        else {
            let nested = contents.entries.first { $0.name.hasSuffix("/bootstrap") }
            return [
                Finding(
                    .error, subject,
                    "There is no file 'bootstrap' at its root\(nested.map { ", only \($0.name)" } ?? "").",
                    remedy: "Make the package with 'emulator package', which puts the program there.")
            ]
        }
        var findings: [Finding] = []
        if let mode = entry.mode, mode & 0o111 == 0 {
            findings.append(
                Finding(
                    .error, subject, "Nobody may execute its bootstrap (mode 0\(String(mode, radix: 8))).",
                    remedy: "chmod 755 bootstrap before zipping, or use 'emulator package'."))
        } else if entry.mode == nil {
            findings.append(
                Finding(
                    .error, subject,
                    "It was zipped without Unix permissions, so that bootstrap cannot be executed.",
                    remedy: "Zip it on Linux or macOS, or use 'emulator package'."))
        }
        do throws(ELFError) {
            let elf = try ELFFile(bytes: program)
            findings += obstacles(elf, contents, subject, architecture, image)
        } catch {
            if case .notELF(script: true) = error { return findings }
            findings.append(
                Finding(
                    .error, subject, "Its bootstrap is \(error).",
                    remedy: "Put a program for Linux there, or a script that begins with '#!'."))
        }
        return findings
    }

    private static func obstacles(
        _ program: ELFFile, _ contents: PackageContents, _ subject: String, _ architecture: String,
        _ image: BaseImage
    ) -> [Finding] {
        let folders = contents.entries.map(\.name).filter { $0.hasPrefix("lib/") || !$0.contains("/") }
        let libraries = Set(folders.map { $0.hasPrefix("lib/") ? String($0.dropFirst(4)) : $0 })
        let machine: ELFFile.Machine = architecture == "arm64" ? .arm64 : .amd64
        var findings = image.obstacles(to: program, architecture: machine, packaged: libraries).map {
            obstacle in
            Finding(
                .error, subject, "Its bootstrap does not start on \(image.runtime): \(obstacle).",
                remedy: remedy(obstacle, architecture))
        }
        if !program.isStripped {
            findings.append(
                Finding(
                    .warning, subject,
                    "Its bootstrap carries symbols for debuggers, which make cold starts longer.",
                    remedy: "Strip it: 'emulator package' does, or 'strip bootstrap'."))
        }
        return findings
    }

    private static func remedy(_ obstacle: BaseImage.Obstacle, _ architecture: String) -> String {
        switch obstacle {
        case .notAProgram: "Build the function for 64-bit Linux."
        case .wrongMachine:
            "Build it for \(architecture), or say in the manifest that the function's 'architecture' is the other."
        case .glibcTooOld:
            "Link it statically ('-static-executable'), or build on a system with that glibc or an older one."
        case .missingLibrary(let name):
            "Link it statically ('-static-executable'), or put \(name) into the package's folder lib."
        }
    }
}
