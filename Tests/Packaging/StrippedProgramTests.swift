import Packaging
import Seeded
import Testing

@Suite struct StrippedProgramTests {
    @Test func whatIsNotLoadedIsDropped() throws {
        var maker = ELFMaker(hasSymbols: true)
        maker.libraries = ["libc.so.6"]
        maker.versions = [("libc.so.6", ["GLIBC_2.34"])]
        let whole = maker.bytes()
        let stripped = try StrippedProgram.strip(whole, unwinding: .dropped)

        #expect(stripped.count == whole.count - 64)
        var expected = try ELFFile(bytes: whole)
        #expect(!expected.isStripped)
        expected = try ELFFile(bytes: ELFMaker.without(symbols: maker))
        #expect(try ELFFile(bytes: stripped) == expected)
        #expect(try StrippedProgram.strip(stripped, unwinding: .dropped) == stripped)
    }

    @Test func scriptsAndProgramsOfThirtyTwoBitsStayAsTheyAre() throws {
        let script = Array("#!/bin/sh\n".utf8)
        #expect(try StrippedProgram.strip(script, unwinding: .dropped) == script)
        let narrow = ELFMaker(isWide: false, hasSymbols: true).bytes()
        #expect(try StrippedProgram.strip(narrow, unwinding: .dropped) == narrow)
        #expect(try StrippedProgram.strip([], unwinding: .dropped) == [])
    }

    @Test(arguments: [
        (true, StrippedProgram.Unwinding.dropped, true), (true, .kept, false), (false, .dropped, false),
    ])
    func tablesForExceptionsGoFromStaticProgramsOnly(
        isStatic: Bool, unwinding: StrippedProgram.Unwinding, areGone: Bool
    ) throws {
        var maker = ELFMaker(interpreter: isStatic ? nil : "/lib/ld.so", isDynamic: !isStatic)
        maker.loaded = ".eh_frame"
        let whole = maker.bytes()
        let stripped = try StrippedProgram.strip(whole, unwinding: unwinding)
        let table = ELFMaker.contentOfLoaded
        #expect(contains(whole, table))
        #expect(contains(stripped, table) == !areGone)
        #expect(stripped.count < whole.count)
    }

    @Test func otherSectionsOfStaticProgramsStay() throws {
        var maker = ELFMaker(interpreter: nil, isDynamic: false)
        maker.loaded = ".rodata"
        let stripped = try StrippedProgram.strip(maker.bytes(), unwinding: .dropped)
        #expect(contains(stripped, ELFMaker.contentOfLoaded))
    }

    @Test func damageIsRefusedOrStripped() {
        var random = SeededRandom.fresh("damaged programs to strip")
        var maker = ELFMaker(interpreter: nil, isDynamic: false)
        maker.loaded = ".eh_frame"
        let whole = maker.bytes()
        var refused = 0
        for _ in 0..<5_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 16..<bytes.count, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            do {
                let stripped = try StrippedProgram.strip(bytes, unwinding: .dropped)
                #expect(stripped.count <= bytes.count)
            } catch {
                refused += 1
            }
        }
        #expect(refused > 0)
    }

    private func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        bytes.indices.contains { bytes[$0...].starts(with: part) }
    }
}
