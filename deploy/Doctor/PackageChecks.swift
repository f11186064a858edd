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
        var findings = permissions(entry, subject)
        do throws(ELFError) {
            let elf = try ELFFile(bytes: program)
            findings += obstacles(elf, contents, subject, architecture, image)
        } catch {
            if case .notELF(script: true) = error {
                return findings + interpreter(program, subject, image)
            }
            findings.append(
                Finding(
                    .error, subject, "Its bootstrap is \(error).",
                    remedy: "Put a program for Linux there, or a script that begins with '#!'."))
        }
        return findings
    }

    /// On Lambda a package's files belong to root, and somebody else runs them.
    private static func permissions(_ bootstrap: PackageContents.Entry, _ subject: String) -> [Finding] {
        guard let mode = bootstrap.mode else {
            return [
                Finding(
                    .error, subject,
                    "It was zipped without Unix permissions, so that bootstrap cannot be executed.",
                    remedy: "Zip it on Linux or macOS, or use 'emulator package'.")
            ]
        }
        guard mode & 0o001 == 0 else { return [] }
        let text = "0\(String(mode, radix: 8))"
        return [
            Finding(
                .error, subject,
                mode & 0o111 == 0
                    ? "Nobody may execute its bootstrap (mode \(text))."
                    : "Only its owner, which is root on Lambda, may execute its bootstrap (mode \(text)).",
                remedy: "chmod 755 bootstrap before zipping, or use 'emulator package'.")
        ]
    }

    /// A script is started by the program that its first line names.
    private static func interpreter(_ script: [UInt8], _ subject: String, _ image: BaseImage) -> [Finding] {
        let line = script.dropFirst(2).prefix { $0 != 0x0A }
        let words = String(decoding: line, as: UTF8.self).split { $0 == " " || $0 == "\t" }.map(String.init)
        let program = words.first ?? ""
        // Packages and layers bring their own.
        if ["/var/task/", "/opt/"].contains(where: { program.hasPrefix($0) }) { return [] }
        if program.hasSuffix("\r") {
            return [
                Finding(
                    .error, subject, "The first line of its bootstrap ends with a carriage return.",
                    remedy: "Save it with Unix line ends.")
            ]
        }
        let name = program.split(separator: "/").last.map(String.init) ?? ""
        let isThere = ["/bin/", "/usr/bin/"].contains { program == $0 + name }
        let wanted = name == "env" ? words.dropFirst().first { !$0.hasPrefix("-") } ?? "" : name
        if isThere, image.interpreters.contains(wanted) { return [] }
        return [
            Finding(
                .error, subject,
                "Its bootstrap is a script for '\(words.joined(separator: " "))', which "
                    + "\(image.runtime) does not have.",
                remedy:
                    "Write it for /bin/sh, or put the interpreter into the package or a layer and name it there."
            )
        ]
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
        findings += bundled(
            for: program, contents, subject, machine, architecture, packaged: libraries, image)
        if !program.isStripped {
            findings.append(
                Finding(
                    .warning, subject,
                    "Its bootstrap carries symbols for debuggers, which make cold starts longer.",
                    remedy: "Strip it: 'emulator package' does, or 'strip bootstrap'."))
        }
        return findings
    }

    /// What the package brings for its program, and for that in turn.
    private static func bundled(
        for program: ELFFile, _ contents: PackageContents, _ subject: String, _ machine: ELFFile.Machine,
        _ architecture: String, packaged: Set<String>, _ image: BaseImage
    ) -> [Finding] {
        var findings: [Finding] = []
        var waiting = program.libraries
        var seen: Set<String> = []
        while let name = waiting.popLast() {
            // The image's folders are searched first.
            guard seen.insert(name).inserted, !image.libraries.contains(name),
                let bytes = contents.libraries[name]
            else { continue }
            do throws(ELFError) {
                let library = try ELFFile(bytes: bytes)
                waiting += library.libraries
                let obstacles = image.obstacles(to: library, architecture: machine, packaged: packaged)
                findings += obstacles.map { obstacle in
                    Finding(
                        .error, subject,
                        "Its library \(name) is not loaded on \(image.runtime): \(obstacle).",
                        remedy: remedy(obstacle, architecture))
                }
            } catch {
                findings.append(
                    Finding(
                        .error, subject, "Its library \(name) is \(error).",
                        remedy: "Put the library for Linux and \(architecture) there."))
            }
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
        case .libraryTooOld:
            "Link the C++ library statically ('-static-libstdc++'), or build on a system with GCC 11 or an older one."
        }
    }
}
