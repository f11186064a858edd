import AWSProtocol
import Bytes
import Testing

@testable import Objects

@Suite struct DocumentShapeTests {
    private let shape = DocumentShape(
        "Root",
        [
            .required("Name", .text), .optional("State", .word(["On", "Off"])),
            .list("Number", .integer, 0...2), .optional("Flag", .flag),
            .optional("Inner", .children([.required("Deep", .text)])), .optional("Empty", .children([])),
        ])

    private func text(_ document: String) -> String? {
        guard let tree = try? shape.read(document.bytes) else { return nil }
        var xml = XMLWriter()
        xml.write(tree)
        return String(utf8: xml.bytes).split(separator: "\n", maxSplits: 1).last.map(String.init)
    }

    @Test(arguments: [
        ("<Root><Name>a</Name></Root>", "<Root><Name>a</Name></Root>"),
        ("<Root xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name/></Root>", "<Root><Name/></Root>"),
        ("<s3:Root xmlns:s3=\"x\"><s3:Name>a</s3:Name></s3:Root>", "<Root><Name>a</Name></Root>"),
        (
            "<Root>\n  <State> On </State>\n  <Name> a </Name>\n</Root>",
            "<Root><Name> a </Name><State>On</State></Root>"
        ),
        (
            "<Root><Number>2</Number><Name>&lt;</Name><Number>-1</Number></Root>",
            "<Root><Name>&lt;</Name><Number>2</Number><Number>-1</Number></Root>"
        ),
        ("<Root><Name>a</Name><Flag>TRUE</Flag></Root>", "<Root><Name>a</Name><Flag>true</Flag></Root>"),
        (
            "<Root><Name>a</Name><Inner><Deep>b</Deep></Inner><Empty/></Root>",
            "<Root><Name>a</Name><Inner><Deep>b</Deep></Inner><Empty/></Root>"
        ),
    ])
    func whatFitsIsWrittenInOrder(document: String, written: String) {
        #expect(text(document) == written)
    }

    @Test(arguments: [
        "", "<Root/>", "<Other><Name>a</Name></Other>", "<Root><Name>a</Name><Name>b</Name></Root>",
        "<Root><Name>a</Name><State>Maybe</State></Root>", "<Root><Name>a</Name><State/></Root>",
        "<Root><Name>a</Name><Number>1.5</Number></Root>", "<Root><Name>a</Name><Number/></Root>",
        "<Root><Name>a</Name><Number>1</Number><Number>2</Number><Number>3</Number></Root>",
        "<Root><Name>a</Name><Number>99999999999</Number></Root>",
        "<Root><Name>a</Name><Flag>yes</Flag></Root>", "<Root><Name><Deep/></Name></Root>",
        "<Root><Name>a</Name><Inner/></Root>", "<Root><Name>a</Name><Unknown/></Root>",
        "<Root><Name>a</Name><Empty><Deep/></Empty></Root>", "<Root><Name>a</Name></Root><Root/>",
        "<Root><name>a</name></Root>",
    ])
    func whatDoesNotFitIsMalformed(document: String) {
        do {
            _ = try shape.read(document.bytes)
            Issue.record("accepted")
        } catch {
            #expect(error.code == "MalformedXML")
        }
    }
}
